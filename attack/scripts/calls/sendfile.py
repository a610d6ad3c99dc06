# tries: sendfile of shared files, into pipes, its own files and sockets: the way that Dirty Pipe used
# expect: held ENOSYS|EPERM
import socket


def main():
    r, w = os.pipe()
    a, b = socket.socketpair()
    own = os.open("own", os.O_RDWR | os.O_CREAT)
    fd = os.open("/usr/bin/env", os.O_RDONLY)
    return refused({name: ["sendfile", to, fd, None, 16] for name, to in (("a pipe", w), ("a socket", a.fileno()), ("a file", own), ("stdout", 1))})
