# tries: to run, link, change and read, through a path descriptor (O_PATH), what it may not open otherwise
# expect: held EBADF|EPERM|EACCES|EROFS|EINVAL|ENOENT|EXDEV|ELOOP|ENOTDIR
def main():
    attempts = {}
    for path in ("/usr/bin/env", "/dev/null", "/", "/usr"):
        fd = os.open(path, os.O_PATH)
        attempts |= {
            f"read {path}": lambda fd=fd: os.read(fd, 1), f"mode {path}": lambda fd=fd: os.fchmod(fd, 0o777),
            f"owner {path}": ["fcntl", fd, 1026, 1], f"link {path}": lambda path=path, fd=fd: call(265 if X86 else 37, fd, b"", -100, b"linked", 0x1000),
            f"times {path}": ["utimensat", fd, b"", None, 0x1000], f"write {path}": lambda fd=fd: os.write(fd, b"x"),
            f"space {path}": ["fallocate", fd, 0, 0, 1],
        }
    return refused(attempts)
