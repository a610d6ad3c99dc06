# tries: to be where it waits for a device: reads of full and empty pipes, of itself, of random numbers, of a lock of its own
# expect: status timeout, limit wall
# limits: wall_ms=300
# within: 8000
import fcntl
import threading


def main():
    r, w = os.pipe()
    open("x", "w").close()
    for wait in (lambda: os.read(r, 1), lambda: os.open("fifo", os.O_RDONLY), lambda: os.waitid(os.P_ALL, 0, os.WEXITED)):
        threading.Thread(target=wait, daemon=True).start()
    os.mkfifo("fifo")
    os.open("fifo", os.O_WRONLY)
