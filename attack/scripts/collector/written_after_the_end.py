# tries: to go on writing after main has returned, from a thread and from children that hold the pipes
# expect: status ok, result "returned"
# expect: status output_limit, limit output, result null
# limits: wall_ms=10000
# within: 8000
import threading


def shout():
    while True:
        os.write(1, b"after\n" * 100)


def main():
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            shout()
    threading.Thread(target=shout, daemon=True).start()
    return "returned"
