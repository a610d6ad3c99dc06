# tries: to write to the programs that all cells run, through mappings that are private now and shared by a trick
# expect: held EACCES|EPERM|EROFS|ETXTBSY|EINVAL|ENOSYS|ENODEV|EBADF
def main():
    fd = os.open(os.path.realpath(sys.executable), os.O_RDONLY)
    LIBC.mmap.restype = ctypes.c_void_p
    shared = ctypes.c_void_p(LIBC.mmap(None, 4096, 1, 1, fd, 0))
    return refused({
        "writable by mprotect": [10 if X86 else 226, shared, 4096, 3],
        "mapped writable": ["mmap", 0, 4096, 3, 1, fd, 0],
        "MADV_REMOVE": ["madvise", shared, 4096, 9],
        "fallocate": ["fallocate", fd, 3, 0, 4096],
        "write": lambda: os.write(fd, b"x"),
        "writev at": ["pwritev2", fd, None, 0, 0, 0, 16],
        "MADV_POPULATE_WRITE": ["madvise", shared, 4096, 23],
        "copy_file_range": lambda: os.copy_file_range(os.memfd_create("x"), fd, 1),
        "truncate": lambda: os.ftruncate(fd, 0),
        "opened to write": lambda: os.open(sys.executable, os.O_RDWR),
    })
