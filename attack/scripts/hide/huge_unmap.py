# tries: to stay in a long call that ignores signals: unmapping and protecting memory with millions of page tables
# limits: wall_ms=700 memory_bytes=268435456
# within: 8000
# expect: status timeout, limit wall|cpu
# expect: status memory_limit
def main():
    LIBC.mmap.restype = ctypes.c_void_p
    LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    size = 60 << 40
    while True:
        area = LIBC.mmap(None, size, 0, 0x4022, -1, 0)
        for protection in (1, 0, 3, 0):
            LIBC.mprotect(ctypes.c_void_p(area), ctypes.c_size_t(size), protection)
        for advice in (4, 8, 14, 15, 10, 11):
            call("madvise", ctypes.c_void_p(area), size, advice)
        LIBC.munmap(ctypes.c_void_p(area), ctypes.c_size_t(size))
