# tries: more descriptors than its limit, of every kind, including descriptors in flight through a socket
# expect: held EMFILE|ETOOMANYREFS|EAGAIN|EPERM|ENFILE|ENOSYS
import array
import select
import socket


def all_of(make):
    try:
        for _ in range(5000):
            make()
        return "5000 descriptors"
    finally:
        os.closerange(4, 5000)


def under_way():
    a, b = socket.socketpair()
    a.setblocking(False)
    sent = 0
    while sent < 5000:
        a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [1] * 200))])
        sent += 200
    return f"{sent} descriptors under way"


def main():
    more = (ctypes.c_uint64 * 2)(1 << 20, 1 << 20)
    held = []  # else Python closes them
    return refused({
        "RLIMIT_NOFILE": [302 if X86 else 261, 0, 7, ctypes.byref(more), 0],
        "under way": under_way,
        **{kind: lambda make=make: all_of(make) for kind, make in {
            "dup": lambda: os.dup(1),
            "open": lambda: os.open("/dev/null", os.O_RDONLY),
            "pipe": os.pipe,
            "socketpair": lambda: [end.detach() for end in socket.socketpair()],
            "memfd": lambda: os.memfd_create("x"),
            "eventfd": lambda: os.eventfd(0),
            "epoll": lambda: held.append(select.epoll()),
        }.items()},
    })
