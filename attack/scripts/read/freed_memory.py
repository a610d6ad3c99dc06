# tries: to find words of the supervisor or of earlier requests in memory that it gets without clearing it
# expect: held NOTHING
MARKS = [(a + b).encode() for a, b in (("HOT", "CELL_PYTHON"), ("Content", "-Type:"), ("X-Req", "uest-Id"), ("cgroup.", "procs"), ("listen", "_addr"), ("BEGIN RSA", " PRIVATE"))]


def main():
    LIBC.malloc.restype, LIBC.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    for size in [64, 256, 1024, 4096, 16384, 65536] * 200:
        address = LIBC.malloc(size)
        text = ctypes.string_at(address, size)
        for mark in MARKS:
            if mark in text:
                return f"ESCAPED: {text[max(0, text.index(mark) - 40):][:200]!r}"
    return "held: NOTHING"
