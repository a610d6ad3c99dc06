# tries: to mix pieces of an answer of its own into the worker's, from a thread that never stops
# expect: status ok
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: status timeout, limit wall|cpu, result null
# expect: error NoChannel
# limits: wall_ms=2000
import threading


def main():
    os.fstat(3)

    def mix():
        while True:
            os.write(3, b'{"status":"timeout"}\n')

    returning = threading.Event()
    threading.Thread(target=lambda: (returning.wait(), mix()), daemon=True).start()
    returning.set()
    return ["x" * 1000] * 1000
