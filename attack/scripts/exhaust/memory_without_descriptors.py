# tries: memory of files that have no name and no descriptor, only a mapping, or only a message under way
# cgroup: pages of such files are charged to who wrote them
# limits: memory_bytes=33554432 wall_ms=10000
# expect: status memory_limit, limit memory
import mmap


def main():
    held = []
    while True:
        fd = os.memfd_create("x")
        os.ftruncate(fd, 1 << 20)
        held.append(mmap.mmap(fd, 1 << 20))
        held[-1][:] = b"x" * (1 << 20)
        os.close(fd)


# --- then
# limits: memory_bytes=33554432 wall_ms=10000
# expect: status memory_limit, limit memory
# expect: held ETOOMANYREFS|EAGAIN|EMFILE
import array
import socket


def main():
    a, b = socket.socketpair()
    a.setblocking(False)
    try:
        while True:
            fd = os.memfd_create("x")
            os.write(fd, bytes(1 << 20))
            a.sendmsg([b"x"], [(1, 1, array.array("i", [fd]))])
            os.close(fd)
    except OSError as e:
        return f"held: {name_of(e.errno)}"
