# tries: to outlive its wall clock limit by locks: releasing each walks all others of the same file, and an exiting process ignores signals
# limits: wall_ms=500
# within: 8000
# expect: status timeout, limit wall
import fcntl


def main():
    open("x", "w").close()
    for _ in range(19):
        if os.fork() == 0:
            break
    held = []
    try:
        while True:
            held.append(os.open("x", os.O_RDONLY))
            fcntl.flock(held[-1], fcntl.LOCK_SH)
    except OSError:
        pass
    time.sleep(99)
