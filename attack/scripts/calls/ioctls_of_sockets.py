# tries: ioctls of sockets: lists of interfaces, addresses, routes, bridges, the file of a socket, on a pair and on the channel
# expect: held ENOTTY|EPERM
import socket


def main():
    a, b = socket.socketpair()
    buffer = (ctypes.c_uint64 * 32)()
    requests = (0x8901, 0x8902, 0x8903, 0x8904, 0x8905, 0x8906, 0x8907, 0x890B, 0x8910, 0x8912, 0x8913, 0x8914, 0x8927, 0x8933, 0x8940, 0x8946,
                0x8980, 0x89A0, 0x89A2, 0x89B0, 0x89E0, 0x89F0)
    return refused({f"{request:#x} on {fd}": ["ioctl", fd, request, ctypes.byref(buffer)] for request in requests for fd in (a.fileno(), 3)})
