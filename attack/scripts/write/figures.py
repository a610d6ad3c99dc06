# tries: to change the files that tell every cell of its processors: through their links, by renames, and by what it puts in their place
# expect: held EACCES|EROFS|EPERM|ENOTEMPTY|EXDEV|ENOTDIR|EISDIR|EEXIST
def main():
    shared = ("/proc/stat", "/proc/cpuinfo", "/proc/self/cgroup", "/sys/fs/cgroup/cpu.max", "/etc/httpd/mime.types")
    shared = [path for path in shared if os.path.exists(path)]
    links = ("/proc", "/sys", "/proc/meminfo", "/etc/passwd", "/etc/group", "/dev/stdin", "/dev/stdout", "/dev/fd/1", "/mnt/data", "/home/user", "/sbin")
    attempts = {}
    for path in shared:
        for flags in (os.O_WRONLY, os.O_RDWR | os.O_TRUNC, os.O_WRONLY | os.O_APPEND):
            attempts[f"open {path} {flags}"] = lambda p=path, f=flags: os.open(p, f)
        attempts[f"mode of {path}"] = lambda p=path: os.chmod(p, 0o666)
        attempts[f"times of {path}"] = lambda p=path: os.utime(p)
        attempts[f"remove {path}"] = lambda p=path: os.unlink(p)
    for path in links:
        attempts[f"remove {path}"] = lambda p=path: os.unlink(p)
        attempts[f"own instead of {path}"] = lambda p=path: (os.symlink("x", "own") if not os.path.lexists("own") else None, os.rename("own", p))[1]
    return refused(attempts)
