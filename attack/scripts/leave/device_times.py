# tries: to leave marks on what all cells and the host share: the times and modes of device nodes, directories and programs
# expect: held EROFS|EPERM|EACCES|EINVAL
def main():
    attempts = {}
    for path in ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev", "/", "/usr/bin/env", "/usr", sys.executable):
        attempts |= {
            f"utime {path}": lambda path=path: os.utime(path, (1, 1)),
            f"now {path}": lambda path=path: os.utime(path),
            f"by descriptor {path}": lambda path=path: os.utime(os.open(path, os.O_RDONLY), ns=(10**9, 10**9)),
            f"only one {path}": lambda path=path: call("utimensat", -100, path.encode(), (ctypes.c_long * 4)(0, (1 << 30) - 2, 7, 0), 0),
            f"mode {path}": lambda path=path: os.chmod(path, 0o777),
        }
    attempts |= {f"descriptor {fd}": lambda fd=fd: os.utime(fd, (1, 1)) for fd in (0,)}
    return refused(attempts)


# --- then
# expect: result true
def main():
    return all(os.stat(f"/dev/{name}").st_mtime > 10**6 for name in ("null", "zero", "random"))
