# tries: to fill stdout and stderr at once, from two threads, far beyond what a pipe holds
# expect: status ok, result 600000, stdout contains "oooo", stderr contains "eeee"
# limits: wall_ms=10000
import threading


def main():
    def fill(fd, byte):
        left = 300_000
        while left:
            left -= os.write(fd, byte * min(left, 70_000))

    threads = [threading.Thread(target=fill, args=a) for a in ((1, b"o"), (2, b"e"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 600_000
