# tries: to take the abstract names that a sibling needs, and all that the kernel gives by itself
# limits: wall_ms=10000
# expect: held EPERM|EMFILE|EAGAIN|ENFILE
import socket


def main():
    held, why = [], ""
    for child in range(20):
        try:
            if os.fork() == 0:
                break
        except OSError as e:
            why = name_of(e.errno)
            break
    try:
        while True:
            held.append(socket.socket(socket.AF_UNIX))
            held[-1].bind("")
    except OSError as e:
        why = name_of(e.errno)
    time.sleep(1.5)
    return f"held: {why}"


# --- beside
# limits: wall_ms=10000
# expect: result "works"
import multiprocessing as mp
import socket


def main():
    try:
        s = socket.socket(socket.AF_UNIX)
        s.bind("")
    except PermissionError:
        return "works"  # there are no sockets
    with mp.Manager() as manager:
        return manager.list(["works"])[0]
