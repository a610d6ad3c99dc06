# tries: escapes that start at /proc: root, mem, core_pattern, sysrq; no kernel has mounted it
# expect: held ENOENT|EACCES|ENOTDIR
def main():
    read = ("/proc/1/root/etc/passwd", "/proc/self/mem", "/proc/self/exe", "/proc/self/fd/3", "/proc/self/ns/user",
            "/proc/1/environ", "/proc/kcore", "/proc/kallsyms", "/proc/self/map_files", "/proc/thread-self/root",
            "/proc/self/cwd/../../..", "/proc/keys", "/proc/self/attr/current")
    write = ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/kernel/modprobe", "/proc/self/uid_map",
             "/proc/self/setgroups", "/proc/self/oom_score_adj", "/proc/sys/fs/binfmt_misc/register", "/proc/self/coredump_filter")
    attempts = {path: lambda path=path: os.open(path, os.O_RDONLY) for path in read}
    attempts |= {path: lambda path=path: os.open(path, os.O_WRONLY) for path in write}
    return refused(attempts)
