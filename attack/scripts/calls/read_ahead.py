# tries: to make the host's disk read data that nobody needs: readahead and advice, on large files that it sees
# limits: wall_ms=20000
# expect: held NO_WORK
import resource


def main():
    LIBC.mmap.restype = ctypes.c_void_p
    asked(os.path.realpath(sys.executable))  # so that the code for it is in memory
    read, end = [], time.monotonic() + 2
    for top in ("/usr/bin", "/usr/lib", sys.prefix):
        for folder, folders, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                if time.monotonic() < end and os.path.isfile(path) and os.access(path, os.R_OK) and os.path.getsize(path) > 200_000:
                    if asked(path):
                        read.append(path)
    # a page of the interpreter's own may have to come from the disk, too, where memory is short: not with every file
    return f"ESCAPED: {len(read)} files were read: {read[:3]}" if len(read) > 2 else "held: NO_WORK"


def asked(path):
    fd = os.open(path, os.O_RDONLY)
    start = resource.getrusage(resource.RUSAGE_SELF).ru_inblock
    call("readahead", fd, 0, 1 << 30)
    call("fadvise64", fd, 0, 0, 3)
    at = LIBC.mmap(None, 200_000, 1, 1, fd, 0)
    call("madvise", ctypes.c_void_p(at), 200_000, 3)
    read = resource.getrusage(resource.RUSAGE_SELF).ru_inblock - start
    LIBC.munmap(ctypes.c_void_p(at), 200_000)
    os.close(fd)
    return read
