# tries: to ask a socket, its own and the channel, for facts about the kernel: cookies, namespaces, groups and pidfd of the peer
# expect: held ENOPROTOOPT|EPERM|EINVAL|ENODATA|ENOTSUP|EOPNOTSUPP
import socket


def main():
    a, b = socket.socketpair()
    value, size = (ctypes.c_int * 256)(), ctypes.c_int(1024)
    attempts = {}
    for fd in (a.fileno(), 3):
        attempts |= {f"{name} of {fd}": ["getsockopt", fd, 1, option, ctypes.byref(value), ctypes.byref(size)] for name, option in (
            ("SO_GET_FILTER", 26), ("SO_PEERSEC", 31), ("SO_MEMINFO", 55), ("SO_INCOMING_NAPI_ID", 56), ("SO_COOKIE", 57),
            ("SO_PEERGROUPS", 59), ("SO_NETNS_COOKIE", 71), ("SO_PEERPIDFD", 77))}
    return refused(attempts)
