# tries: memory of every kind at once, none of which is over the limit alone: its own, shared, of files, of pipes, of sockets
# cgroup: all kinds count together
# limits: memory_bytes=50331648 wall_ms=10000
# expect: status memory_limit, limit memory
import mmap
import socket


def main():
    kinds = [bytearray(b"x") * (12 << 20)]
    shared = mmap.mmap(-1, 12 << 20)
    shared[:] = b"x" * (12 << 20)
    with open("file", "wb") as file:
        file.write(b"x" * (12 << 20))
    memory = os.memfd_create("x")
    os.write(memory, b"x" * (12 << 20))
    for _ in range(40):
        a, b = socket.socketpair()
        a.setblocking(False)
        kinds += a, b
        try:
            while True:
                a.send(bytes(32768))
        except BlockingIOError:
            pass
    return "ESCAPED: 60 MiB"
