# tries: to keep the kernel's socket garbage collector busy, which is charged to nobody, with cycles created and dropped repeatedly
# limits: wall_ms=10000
# expect: held
import array
import socket


def main():
    n, end = 0, time.monotonic() + 1
    while time.monotonic() < end:
        a, b = socket.socketpair()
        try:
            a.sendmsg([b"x"], [(1, 1, array.array("i", [b.fileno(), a.fileno()] * 20))])
            n += 1
        except OSError:
            pass
        a.close()
        b.close()
    return f"held: {n}"


# --- beside
# expect: result 3
# within: 9000


def main():  # where cells share one uid, until the circles are collected there may be no room
    return sum(poll(send_descriptor) or False for _ in range(3))
