# tries: more processor time than it was given, by children of a hundredth of a second each, and by threads
# cgroup: the processor time of a cell is that of its cgroup where there is one
# limits: cpu_ms=300 wall_ms=20000
# within: 15000
# expect: status timeout, limit cpu
def main():
    while True:
        if os.fork() == 0:
            end = time.process_time() + 0.01
            while time.process_time() < end:
                pass
            os._exit(0)
        os.wait()


# --- then
# limits: cpu_ms=300 wall_ms=20000
# within: 15000
# expect: status timeout, limit cpu
import threading


def main():
    while True:
        thread = threading.Thread(target=lambda: sum(range(100_000)))
        thread.start()
        thread.join()
