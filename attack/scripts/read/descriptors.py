# tries: to find descriptors that were left open, and to read, leave and widen those that it has
# expect: held EBADF|ENOTDIR|EAGAIN|EACCES|ENOTSOCK|ENOTTY
import fcntl
import socket
import stat


def main():
    known = set(range(4))
    extra = [fd for fd in range(1 << 14) if fd not in known and call("ioctl", fd, 0x5451, 0)[1] != "EBADF"]  # FIOCLEX
    if extra:
        return f"ESCAPED: descriptors {extra} are open"
    for fd in known:
        if stat.S_ISDIR(mode := os.fstat(fd).st_mode) or stat.S_ISBLK(mode):
            return f"ESCAPED: descriptor {fd} has mode {mode:o}"
    attempts = {}
    for fd in known:
        attempts |= {
            f"fchdir {fd}": lambda fd=fd: os.fchdir(fd),
            f"open below {fd}": lambda fd=fd: os.open("..", os.O_RDONLY, dir_fd=fd),
            f"a terminal at {fd}": lambda fd=fd: os.tcgetpgrp(fd),
        }
    attempts["read stdout"] = lambda: os.read(1, 1)
    attempts["read stderr"] = lambda: os.read(2, 1)
    channel = socket.socket(fileno=os.dup(3))
    attempts["what waits in the channel"] = lambda: channel.recvmsg(1 << 16, 1 << 12, socket.MSG_DONTWAIT | socket.MSG_PEEK)
    return refused(attempts)
