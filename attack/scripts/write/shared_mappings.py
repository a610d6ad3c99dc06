# tries: to write to programs and libraries that all cells have mapped, through mappings that are shared
# expect: held EACCES|EPERM|EROFS
import glob
import mmap


def main():
    attempts = {}
    for path in [sys.executable, "/etc/ld.so.cache", *glob.glob("/usr/lib/*/libc.so.6"), *glob.glob("/usr/lib/python3*/os.py")]:
        fd = os.open(path, os.O_RDONLY)
        attempts[f"map {path}"] = lambda fd=fd: mmap.mmap(fd, 4096, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        mapped = LIBC.mmap
        mapped.restype, mapped.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
        address = mapped(None, 4096, 1, 1, fd, 0)
        attempts[f"protect {path}"] = lambda a=address: ((v := LIBC.mprotect(ctypes.c_void_p(a), 4096, 3)), name_of(ctypes.get_errno()) if v else None)
        attempts[f"open {path}"] = lambda p=path: os.open(p, os.O_RDWR)
    return refused(attempts)
