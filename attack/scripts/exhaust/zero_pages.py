# tries: page tables for exabytes of zero pages, filled by one call (MAP_POPULATE)
# limits: wall_ms=1500 memory_bytes=67108864
# within: 8000
# expect: status memory_limit|timeout
# expect: held ENOMEM|EINVAL|EPERM
def main():
    LIBC.mmap.restype = ctypes.c_void_p
    ctypes.set_errno(0)
    if LIBC.mmap(None, 60 << 40, 1, 0xC022, -1, 0) == ctypes.c_void_p(-1).value:
        return f"held: {name_of(ctypes.get_errno() or 12)}"
    time.sleep(9)
