# tries: to see in the page cache which file a sibling read, by asking without waiting (RWF_NOWAIT) and by mincore
# expect: held ENOSYS|ENOTSUP|EOPNOTSUPP|EPERM|EINVAL
def main():
    buffer = ctypes.create_string_buffer(4096)
    vector = (ctypes.c_uint64 * 2)(ctypes.addressof(buffer), 4096)
    attempts = {}
    for path in ("/usr/bin/env", os.__file__, sys.executable):
        fd = os.open(path, os.O_RDONLY)
        attempts[f"{path} without waiting"] = ["preadv2", fd, ctypes.byref(vector), 1, 1 << 13, 0, 8]
        LIBC.mmap.restype = ctypes.c_void_p
        at = LIBC.mmap(None, 4096, 1, 1, fd, 0)
        attempts[f"{path} by mincore"] = ["mincore", ctypes.c_void_p(at), 4096, buffer]
        attempts[f"{path} by cachestat"] = ["cachestat", fd, ctypes.byref(vector), buffer, 0]
    return refused(attempts)


# --- beside
# expect: result "read"
def main():
    import wsgiref.validate
    return "read"
