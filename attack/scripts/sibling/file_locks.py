# tries: to lock a file that all cells see, so that a sibling finds it locked: a bit that passes between them, and stops who waits
# expect: held
import fcntl


def main():
    with open(os.__file__) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            word = "locked"
        except OSError as e:
            word = name_of(e.errno)
        time.sleep(1.1)
    return f"held: {word}"


# --- beside
# expect: held
import fcntl


def main():
    with open(os.__file__) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return "held: locked too"
        except BlockingIOError:
            return "ESCAPED: a sibling's lock is seen"
        except OSError as e:
            return f"held: {name_of(e.errno)}"
