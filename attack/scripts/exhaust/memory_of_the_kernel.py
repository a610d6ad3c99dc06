# tries: memory that the kernel holds: empty page tables, memfds, data in flight in sockets of many processes
# cgroup: memory that the kernel holds for the cell counts as the cgroup's
# expect: status memory_limit, limit memory
# limits: memory_bytes=33554432
import mmap


def main():
    held = mmap.mmap(-1, 64 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)  # MAP_NORESERVE
    for at in range(0, 64 << 30, 2 << 20):
        held[at]  # reads the page of zeros: only its page table is taken


# --- then
# expect: status memory_limit, limit memory
# limits: memory_bytes=33554432
def main():
    files = [os.memfd_create("x") for _ in range(100)]
    while True:
        for file in files:
            os.write(file, bytes(1 << 20))


# --- then
# expect: status memory_limit, limit memory
# limits: memory_bytes=33554432
import socket


def main():
    held = []
    for _ in range(30):  # each process may have its descriptors full
        if os.fork() == 0:
            break
    try:
        while True:
            a, b = socket.socketpair()
            a.setblocking(False)
            held += a, b
            try:
                while True:
                    a.send(bytes(4096))
            except BlockingIOError:
                pass
    except OSError:
        time.sleep(9)
