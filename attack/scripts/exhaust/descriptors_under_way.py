# tries: to keep so many descriptors in flight through sockets that nobody with its uid can send one, neither the supervisor nor the zygote
# single: the kernel counts descriptors in flight through sockets per uid, and compares the count with each sender's own limit of open files: until a cell that has used it up ends, its siblings get ETOOMANYREFS when they send one
# limits: wall_ms=10000
# expect: held ETOOMANYREFS|EMFILE|EPERM|EAGAIN|ENOMEM
import array
import socket


def main():
    held, why = [], ""
    while not why:
        try:
            a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            held += a, b
            a.setblocking(False)
            while True:
                a.sendmsg([b"x"], [(1, 1, array.array("i", [1] * 250))])
        except BlockingIOError:
            pass
        except OSError as e:
            why = name_of(e.errno)
    time.sleep(3)
    return f"held: {why}"


# --- beside
# expect: result "sent"
import array
import socket


def main():
    a, b = socket.socketpair()
    a.sendmsg([b"x"], [(1, 1, array.array("i", [1]))])
    data, control, *_ = b.recvmsg(1, 100)
    return "sent" if control else "ESCAPED: a sibling has used up the descriptors under way"
