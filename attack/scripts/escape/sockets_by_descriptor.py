# tries: to make a socket of one that it has: accept, dup, a connection's peer, an ioctl, a descriptor that comes along
# expect: held EPERM|EINVAL|ENOTTY|ENOTCONN|EOPNOTSUPP|ENOTSUP|ENOENT
import socket


def main():
    a, b = socket.socketpair()
    address, size = ctypes.create_string_buffer(128), ctypes.c_int(128)
    attempts = {}
    for fd in (a.fileno(), b.fileno(), 3):
        attempts |= {
            f"accept4 {fd}": [288 if X86 else 242, fd, None, None, 0], f"listen {fd}": ["listen", fd, 1],
            f"SIOCUNIXFILE {fd}": ["ioctl", fd, 0x89E0, 0], f"open {fd}": lambda fd=fd: os.open(f"/dev/fd/{fd}", os.O_RDWR),
            f"connect to nobody {fd}": ["connect", fd, ctypes.create_string_buffer(b"\x00\x00" + bytes(14)), 16],
        }
    return refused(attempts)
