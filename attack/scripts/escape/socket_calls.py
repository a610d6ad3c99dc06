# tries: to give the sockets that it has an address: bind, connect, listen, accept, on a pair and on the channel
# expect: held EPERM
# expect: held EPERM|EINVAL|EISCONN|EOPNOTSUPP|ENOTSOCK
import socket


def main():
    ours, theirs = socket.socketpair()
    address = ctypes.create_string_buffer(b"\x01\x00\x00attack")
    attempts = {}
    for fd in (ours.fileno(), 3):
        attempts |= {
            f"bind {fd}": ["bind", fd, ctypes.byref(address), 9],
            f"autobind {fd}": ["bind", fd, ctypes.byref(address), 2],
            f"connect {fd}": ["connect", fd, ctypes.byref(address), 9],
            f"listen {fd}": ["listen", fd, 1],
            f"accept {fd}": ["accept", fd, None, None],
        }
    return refused(attempts)
