# tries: to send credentials, a pidfd and labels with a message, its own and another process's
# expect: held EPERM|EINVAL|ENOSYS|ENOTSUP|OWN_ONLY
import socket
import struct


def main():
    a, b = socket.socketpair()
    words = set()
    for kind, data in ((2, struct.pack("iII", 1, 0, 0)), (2, struct.pack("iII", os.getpid(), 0, os.getgid())), (2, struct.pack("iII", 2, os.getuid(), os.getgid())),
                       (3, b"label"), (4, struct.pack("i", os.getpid())), (5, b"x" * 8), (1, struct.pack("i", -1)), (1, struct.pack("i", 1 << 30))):
        try:
            a.sendmsg([b"x"], [(1, kind, data)])
            received, control, flags, _ = b.recvmsg(10, 1000)
            words.add("OWN_ONLY")
            if control:
                return f"ESCAPED: kind {kind} arrived as {control}"
        except OSError as e:
            words.add(name_of(e.errno) if e.errno != errno.EBADF else "EINVAL")
    return "held: " + " ".join(sorted(words))
