# tries: urgent data of Unix sockets (MSG_OOB), code that was added for one user and has had holes since
# expect: held ENOTSUP|EOPNOTSUPP|EPERM|EINVAL|ENOPROTOOPT|ENOTTY
import socket


def main():
    a, b = socket.socketpair()
    one = ctypes.c_int(1)
    a.send(b"x")
    return refused({
        "send": lambda: a.send(b"y", socket.MSG_OOB),
        "sendmsg": lambda: a.sendmsg([b"y"], [], socket.MSG_OOB),
        "send, with more": lambda: a.send(b"yz", socket.MSG_OOB | socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL),
        "recv": lambda: b.recv(1, socket.MSG_OOB),
        "recvmsg": lambda: b.recvmsg(1, 0, socket.MSG_OOB | socket.MSG_PEEK),
        "SO_OOBINLINE": ["setsockopt", b.fileno(), 1, 10, ctypes.byref(one), 4],
        "sockatmark": ["ioctl", b.fileno(), 0x8905, ctypes.byref(one)],
    })
