# tries: options of protocols that its sockets do not speak: IP, TCP, UDP, IPv6, ALG, netlink, vsock, TLS and others
# expect: held ENOTSUP|EOPNOTSUPP|ENOPROTOOPT|EPERM|EINVAL
import socket


def main():
    a, b = socket.socketpair()
    value = (ctypes.c_int * 64)(1)
    size = ctypes.c_int(4)
    attempts = {}
    for level in (0, 2, 6, 17, 41, 58, 132, 136, 255, 263, 266, 268, 270, 271, 273, 278, 279, 280, 281, 282, 283, 284, 285, 286, 287):
        for option in (1, 2, 11, 31, 35, 64):
            attempts[f"set {level} {option}"] = ["setsockopt", a.fileno(), level, option, ctypes.byref(value), 4]
            attempts[f"get {level} {option}"] = ["getsockopt", b.fileno(), level, option, ctypes.byref(value), ctypes.byref(size)]
    return refused(attempts)
