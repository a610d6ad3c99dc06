# tries: to leave objects that the kernel keeps: System V and POSIX memory, queues, semaphores, keys, names of sockets
# expect: held EPERM|ENOSYS|EACCES|EROFS|ENOENT
import socket


def main():
    def name():
        a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        a.bind("\0left")

    return refused({
        "shmget": ["shmget", 0x1EF7, 4096, 0o1666],
        "semget": ["semget", 0x1EF7, 1, 0o1666],
        "msgget": ["msgget", 0x1EF7, 0o1666],
        "mq_open": ["mq_open", b"left", 0o102, 0o666, None],
        "add_key": ["add_key", b"user", b"left", b"left", 4, -4],
        "a socket's name": name,
        "sethostname": lambda: socket.sethostname("left"),
        "setdomainname": ["setdomainname", b"left", 4],
    })


# --- then
# expect: held EPERM|ENOSYS|EACCES|ENOENT
def main():
    if os.uname().nodename == "left":
        return "ESCAPED: the host name was left"
    return refused({
        "shmget": ["shmget", 0x1EF7, 4096, 0o666],
        "semget": ["semget", 0x1EF7, 1, 0o666],
        "msgget": ["msgget", 0x1EF7, 0o666],
        "mq_open": ["mq_open", b"left", 2, 0, None],
        "request_key": ["request_key", b"user", b"left", None, -4],
    })
