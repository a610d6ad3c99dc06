# tries: to tell a sibling something by a lock on a file that both see, or to keep it waiting for one
# limits: wall_ms=10000
# expect: held
import fcntl


def main():
    for path in ("/usr/bin/env", os.__file__, sys.executable, "/dev/null"):
        fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    time.sleep(1.2)
    return "held: locked"


# --- beside
# expect: held UNSEEN
# limits: wall_ms=10000
import fcntl


def main():
    for path in ("/usr/bin/env", os.__file__, sys.executable, "/dev/null"):
        try:
            fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return f"ESCAPED: {path} is locked by a sibling"
    return "held: UNSEEN"
