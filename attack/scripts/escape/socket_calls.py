# tries: to lead the sockets that it has elsewhere: to give its pair and its channel a name, and to listen, accept and connect on them
# expect: held EPERM|EINVAL|EISCONN|EOPNOTSUPP|ENOTSOCK|ECONNREFUSED
import socket


def main():
    ours, theirs = socket.socketpair()
    address = ctypes.create_string_buffer(b"\x01\x00\x00attack")
    attempts = {}
    for fd in (ours.fileno(), 3):
        call("bind", fd, ctypes.byref(address), 9)  # a name helps nobody: what is connected does not listen
        call("bind", fd, ctypes.byref(address), 2)
        attempts |= {
            f"connect {fd}": ["connect", fd, ctypes.byref(address), 9],
            f"listen {fd}": ["listen", fd, 1],
            f"accept {fd}": ["accept", fd, None, None],
        }
    return refused(attempts)
