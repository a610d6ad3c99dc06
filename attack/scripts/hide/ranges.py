# tries: to outlive its wall clock limit by a hundred thousand locked ranges of one file, in one process
# limits: wall_ms=800
# within: 8000
# expect: status timeout, limit wall
import fcntl


def main():
    file = os.open("x", os.O_RDWR | os.O_CREAT)
    try:
        for at in range(100_000, 0, -1):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at * 2)
    except OSError:
        pass
    time.sleep(99)
