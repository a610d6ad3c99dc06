# tries: to keep the kernel's socket garbage collector busy with listeners that hold connections which hold the listeners, some looked at meanwhile
# limits: wall_ms=10000
# expect: held
import array
import socket


def main():
    n, end = 0, time.monotonic() + 1
    while time.monotonic() < end:
        try:
            ear = socket.socket(socket.AF_UNIX)
            ear.bind("")
            ear.listen(16)
            for i in range(16):
                mouth = socket.socket(socket.AF_UNIX)
                mouth.connect(ear.getsockname())
                mouth.sendmsg([b"x"], [(1, 1, array.array("i", [ear.fileno(), mouth.fileno()] * 4))])
                if i % 7 == 6:
                    ear.accept()[0].recvmsg(1, 100, socket.MSG_PEEK)
                mouth.close()
            n += 1
        except PermissionError:
            return "held: 0"
        except OSError as e:
            if e.errno not in (errno.ETOOMANYREFS, errno.EMFILE):
                raise
        ear.close()
    return f"held: {n}" if n else "ESCAPED: not one circle could be made"


# --- beside
# expect: result 3
# within: 9000


def main():  # where cells share one uid, until the circles are collected there may be no room
    return sum(poll(send_descriptor) or False for _ in range(3))
