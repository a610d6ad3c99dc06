# tries: to raise its own limits from inside: hard limits, its disk's size, its cgroup, by a child
# expect: held EPERM|EINVAL|ENOENT|ENOSYS|EACCES|EROFS
import resource


def main():
    prlimit = 302 if X86 else 261
    attempts = {"remount": ["mount", None, b"/box", None, 32, b"size=1073741824"], "fspick": ["fspick", -100, b"/box", 0]}
    for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_MEMLOCK, resource.RLIMIT_MSGQUEUE, resource.RLIMIT_SIGPENDING):
        hard = resource.getrlimit(kind)[1]
        more = (ctypes.c_uint64 * 2)(hard + 1, hard + 1)
        attempts[f"limit {kind}"] = [prlimit, 0, kind, ctypes.byref(more), 0]
    for path in ("/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/memory.high", "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/proc/self/limits", "/proc/self/oom_score_adj"):
        attempts[path] = lambda path=path: open(path, "w")
    result = refused(attempts)
    said = in_child(lambda: refused(attempts))
    return result if said == result else said
