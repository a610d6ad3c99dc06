# tries: to write from all its processes and threads at once, at the same time as it ends
# expect: status ok|output_limit|exited
# limits: output_bytes=2000000 wall_ms=10000 processes=24
# within: 8000
import threading


def main():
    def write():
        for n in range(200):
            os.write(1 + n % 2, b"%d\n" % n * 50)

    for _ in range(6):
        if os.fork() == 0:
            break
    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    return "ended"
