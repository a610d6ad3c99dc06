# tries: the flags of preadv2 and pwritev2 that tell what is in the page cache, poll a device, or drop pages from the cache
# expect: held ENOTSUP|EOPNOTSUPP|EPERM|EINVAL
def main():
    fd = os.open("/usr/bin/env", os.O_RDONLY)
    own = os.open("own", os.O_RDWR | os.O_CREAT)
    os.write(own, b"x" * 4096)
    buffer = ctypes.create_string_buffer(16)
    vector = (ctypes.c_uint64 * 2)(ctypes.addressof(buffer), 16)
    attempts = {}
    for name, flag in {"NOWAIT": 8, "HIPRI": 1, "DONTCACHE": 0x80, "ATOMIC": 0x40, "unknown": 0x400, "high bits": 1 << 31 | 8}.items():
        attempts[f"read {name}"] = ["preadv2", fd, ctypes.byref(vector), 1, 0, 0, flag]
        attempts[f"read own {name}"] = ["preadv2", own, ctypes.byref(vector), 1, 0, 0, flag]
        attempts[f"write {name}"] = ["pwritev2", own, ctypes.byref(vector), 1, 0, 0, flag]
    return refused(attempts)
