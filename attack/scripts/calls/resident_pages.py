# tries: mincore, on its own memory and on a mapping of a shared file, whose pages in the cache tell what siblings read
# expect: held ENOSYS|EPERM
import mmap


def main():
    fd = os.open("/usr/bin/env", os.O_RDONLY)
    shared = mmap.mmap(fd, 4096, mmap.MAP_SHARED, mmap.PROT_READ)
    vector = ctypes.create_string_buffer(16)
    LIBC.mmap.restype = ctypes.c_void_p
    at = LIBC.mmap(None, 4096, 1, 1, fd, 0)
    return refused({
        "a shared file": ["mincore", ctypes.c_void_p(at), 4096, vector],
        "its own memory": ["mincore", ctypes.c_void_p(ctypes.addressof(vector) & ~4095), 4096, vector],
        "nothing": ["mincore", 0, 0, vector],
    })
