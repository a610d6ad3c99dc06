# tries: to drop shared files from the page cache, so that they are read from the disk again and siblings' reads show
# expect: held KEPT
import mmap
import resource


def main():
    path = max((f"/usr/bin/{name}" for name in os.listdir("/usr/bin") if os.access(f"/usr/bin/{name}", os.R_OK)), key=os.path.getsize)
    fd = os.open(path, os.O_RDONLY)
    size = min(os.fstat(fd).st_size, 4 << 20)
    os.pread(fd, size, 0)  # from here on it is in the cache
    before = resource.getrusage(resource.RUSAGE_SELF).ru_inblock
    LIBC.mmap.restype = ctypes.c_void_p
    at = LIBC.mmap(None, size, 1, 1, fd, 0)
    for _ in range(5):
        for advice in range(8):  # POSIX_FADV_DONTNEED is 4, NOREUSE 5
            call("fadvise64", fd, 0, 0, advice)
            call("fadvise64", fd, 0, size, 1 << 32 | advice)
        for advice in (4, 8, 9, 18, 20, 21, 25):  # DONTNEED, FREE, REMOVE, COLD, PAGEOUT
            call("madvise", ctypes.c_void_p(at), size, advice)
        for flag in (0x80, 1):
            call("preadv2", fd, None, 0, 0, 0, flag)
        call("sync_file_range", fd, 0, 0, 7)
        os.pread(fd, size, 0)
    read = resource.getrusage(resource.RUSAGE_SELF).ru_inblock - before
    return f"ESCAPED: {read} blocks were read from the disk again" if read else "held: KEPT"
