# tries: to use up the descriptors in flight by many processes, each of which has its own limit of open files
# machine: the kernel counts them by the host's uid, which may be hotcell's own
# limits: wall_ms=10000
# expect: held
import array
import socket


def fill():
    held = []
    try:
        while True:
            a, b = socket.socketpair()
            held += a, b
            a.setblocking(False)
            try:
                while True:
                    a.sendmsg([b"x"], [(1, 1, array.array("i", [1] * 100))])
            except BlockingIOError:
                pass
    except OSError:
        time.sleep(1)
        os._exit(0)


def main():
    processes = 0
    while processes < 40:
        try:
            if os.fork() == 0:
                fill()
            processes += 1
        except OSError:
            break
    time.sleep(0.8)
    return f"held: {processes}"


# --- beside
# expect: result "served"
def main():
    return "served"
