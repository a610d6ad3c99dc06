# tries: as many mappings as the kernel allows, each of one page and unlike its neighbour
# limits: memory_bytes=67108864 wall_ms=10000
# expect: held ENOMEM
# expect: status memory_limit
def main():
    LIBC.mmap.restype = ctypes.c_void_p
    n = 0
    while LIBC.mmap(None, 4096, n % 2, 0x22, -1, 0) != ctypes.c_void_p(-1).value:
        n += 1
        if n > 1 << 20:
            return "ESCAPED: a million mappings"
    return f"held: {name_of(ctypes.get_errno() or 12)}"
