# tries: to reach a sibling through a name that the kernel gives a socket pair by itself (SO_PASSCRED), and to pass a file
# expect: held EPERM|ENOSYS|ENOTCONN|ECONNREFUSED|EOPNOTSUPP|EINVAL|NOBODY
import select
import socket


def ear():
    ear, mouth = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    ear.send(b"x")  # gives it an abstract name: five hexadecimal digits
    mouth.close()
    try:
        ear.send(b"x")  # its peer is gone, so that anybody may write to it now
    except ConnectionRefusedError:
        pass
    return ear


def main():
    try:
        ears = [ear() for _ in range(400)]  # the more of them, the sooner a name is guessed
    except OSError as e:
        return f"held: {name_of(e.errno)}"
    heard = select.select(ears, [], [], 1.2)[0]
    if not heard:
        return "held: NOBODY"
    data, control, *_ = heard[0].recvmsg(100, 1000)
    files = [int.from_bytes(c[:4], "little") for level, kind, c in control if kind == socket.SCM_RIGHTS]
    return f"ESCAPED: {data} and the file {[os.pread(fd, 100, 0) for fd in files]} of another cell"


# --- beside
# expect: held
import array
import socket


def main():
    with open("secret", "wb+", buffering=0) as file:
        file.write(b"a sibling's")
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file.fileno()]))]
        words, sent, end = set(), 0, time.monotonic() + 0.5
        for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):  # the second is the first, by another name
            try:
                a, b = socket.socketpair(socket.AF_UNIX, kind)
            except OSError as e:
                words.add(name_of(e.errno))
                continue
            for n in range(1 << 20):
                try:
                    a.sendmsg([b"hello"], rights, 0, b"\0%05x" % n)
                    sent += 1
                except OSError as e:
                    words.add(name_of(e.errno))
                if sent or n % 1000 == 0 and time.monotonic() > end:
                    break
    return f"held: {sent} sent, " + " ".join(sorted(words))
