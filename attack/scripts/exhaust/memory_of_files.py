# tries: memory by files in every place that is writable, with a disk that is larger
# cgroup: files on the disk count as memory of the cgroup
# expect: status memory_limit, limit memory
# limits: memory_bytes=33554432 disk_bytes=268435456
def main():
    while True:
        for place in ("/tmp", "/box/work", "/dev/shm"):
            with open(f"{place}/x", "ab") as file:
                file.write(bytes(1 << 20))


# --- then
# expect: status memory_limit, limit memory
# limits: memory_bytes=33554432 disk_bytes=268435456
from multiprocessing import shared_memory


def main():
    held = []
    while True:
        block = shared_memory.SharedMemory(create=True, size=4 << 20)
        block.buf[:] = b"x" * (4 << 20)
        held.append(block)
