# tries: O_DIRECT, by which reads of shared files go past the page cache to the host's disk, by every call that sets it
# expect: held EINVAL|EPERM
def main():
    fd = os.open("/usr/bin/env", os.O_RDONLY)
    own = os.open("own", os.O_RDWR | os.O_CREAT)
    how = (ctypes.c_uint64 * 3)(0o40000, 0, 0)
    return refused({
        "open": lambda: os.open("/usr/bin/env", os.O_RDONLY | os.O_DIRECT),
        "open of its own": lambda: os.open("own", os.O_RDWR | os.O_DIRECT),
        "a new file": lambda: os.open("new", os.O_RDWR | os.O_CREAT | os.O_DIRECT),
        "open, high bits": [257 if X86 else 56, -100, b"/usr/bin/env", 1 << 32 | 0o40000 if X86 else 0o200000, 0],
        "F_SETFL": ["fcntl", fd, 4, 0o40000 if X86 else 0o200000],
        "F_SETFL of its own": ["fcntl", own, 4, 0o42000 if X86 else 0o202000],
    })
