# tries: to stay in a call that ignores signals: mincore over a mapping of 60 TiB, into a buffer of one page, many times over
# limits: wall_ms=500
# within: 8000
# expect: held ENOSYS|EPERM
# expect: status timeout, limit wall
def main():
    LIBC.mmap.restype = ctypes.c_void_p
    LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    size = 60 << 40
    area = LIBC.mmap(None, size, 0, 0x4022, -1, 0)
    vector = LIBC.mmap(None, size >> 12, 0, 0x4022, -1, 0)
    fd = os.memfd_create("v")
    piece = 16 << 20
    os.ftruncate(fd, piece)
    for at in range(0, size >> 12, piece):
        LIBC.mmap(vector + at, piece, 3, 0x8011, fd, 0)
    return f"held: {call('mincore', ctypes.c_void_p(area), size, ctypes.c_void_p(vector))[1]}"
