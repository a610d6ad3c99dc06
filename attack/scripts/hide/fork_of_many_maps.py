# tries: to stay in a long fork, which copies the maximum number of mappings, in many processes at once
# cgroup: its processes and their memory are limited by the cgroup
# limits: wall_ms=1200 memory_bytes=268435456
# within: 8000
# expect: status timeout|memory_limit
def main():
    LIBC.mmap.restype = ctypes.c_void_p
    for n in range(30_000):
        LIBC.mmap(None, 4096, n % 2 * 3, 0x22, -1, 0)
    while True:
        try:
            os.fork()
        except OSError:
            pass
