# tries: to leave objects that the kernel keeps: System V and POSIX memory, queues, semaphores, keys, names of sockets
# expect: held EPERM|ENOSYS|EACCES|EROFS|ENOENT
import socket


def main():
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        a.bind("\0left")  # allowed where it leads nobody here; the next cell must find it gone
    except PermissionError:
        pass
    return refused({
        "shmget": ["shmget", 0x1EF7, 4096, 0o1666],
        "semget": ["semget", 0x1EF7, 1, 0o1666],
        "msgget": ["msgget", 0x1EF7, 0o1666],
        "mq_open": ["mq_open", b"left", 0o102, 0o666, None],
        "add_key": ["add_key", b"user", b"left", b"left", 4, -4],
        "sethostname": lambda: socket.sethostname("left"),
        "setdomainname": ["setdomainname", b"left", 4],
    })


# --- then
# expect: held EPERM|ENOSYS|EACCES|ENOENT
import socket


def taken():
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        a.bind("\0left")
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def main():
    if os.uname().nodename == "left":
        return "ESCAPED: the host name was left"
    end = time.monotonic() + 5 * SLOWNESS  # the cell before may be on its way out
    while taken():
        if time.monotonic() > end:
            return "ESCAPED: the name of a socket was left"
        time.sleep(0.02)
    return refused({
        "shmget": ["shmget", 0x1EF7, 4096, 0o666],
        "semget": ["semget", 0x1EF7, 1, 0o666],
        "msgget": ["msgget", 0x1EF7, 0o666],
        "mq_open": ["mq_open", b"left", 2, 0, None],
        "request_key": ["request_key", b"user", b"left", None, -4],
    })
