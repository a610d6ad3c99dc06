# tries: to get a descriptor of the network namespace from a socket (SIOCGSKNS), to enter it
# expect: held ENOTTY|EPERM
import socket

SIOCGSKNS = 0x894C


def main():
    ours, theirs = socket.socketpair()
    return refused({
        "of a pair": ["ioctl", ours.fileno(), SIOCGSKNS, 0],
        "of the channel": ["ioctl", 3, SIOCGSKNS, 0],
    })
