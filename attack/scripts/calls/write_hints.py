# tries: fcntl's hints and queries that are about the host's disks: lifetimes of what is written, on its own and on shared files
# expect: held EPERM|EINVAL|EBADF
def main():
    hint = ctypes.c_uint64(5)
    open("own", "w").close()
    attempts = {}
    for path in ("own", "/usr/bin/env"):
        fd = os.open(path, os.O_RDONLY)
        attempts |= {f"{command} {path}": ["fcntl", fd, command, ctypes.byref(hint)] for command in (1035, 1036, 1037, 1038)}
    return refused(attempts)
