# tries: sendmmsg and recvmmsg, by which one call makes a thousand, each with flags of its own in memory
# expect: held ENOSYS|EPERM
import socket


def main():
    a, b = socket.socketpair()
    headers = (ctypes.c_uint64 * 16)()
    return refused({
        "send": ["sendmmsg", a.fileno(), ctypes.byref(headers), 1, 0],
        "receive": ["recvmmsg", b.fileno(), ctypes.byref(headers), 1, 0x40, None],
        "nothing": ["sendmmsg", a.fileno(), ctypes.byref(headers), 0, 0],
    })
