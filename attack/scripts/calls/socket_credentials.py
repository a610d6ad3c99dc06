# tries: to receive what names its peers: credentials, security labels, descriptors of processes (which also gives a socket a name)
# expect: held ENOPROTOOPT|EPERM
import socket


def main():
    a, b = socket.socketpair()
    one = ctypes.c_int(1)
    attempts = {}
    for fd in (a.fileno(), 3):
        attempts |= {f"{name} on {fd}": ["setsockopt", fd, 1, option, ctypes.byref(one), 4] for name, option in (
            ("SO_PASSCRED", 16), ("SO_PASSSEC", 34), ("SO_PASSPIDFD", 76), ("SO_PASSRIGHTS", 83))}
    return refused(attempts)
