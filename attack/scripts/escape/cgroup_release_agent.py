# tries: to reach a cgroup's files, to leave its limits or to name a release agent
# expect: held EPERM|ENOENT
def main():
    os.mkdir("cg")
    attempts = {f"mount {kind.decode()}": ["mount", b"none", b"cg", kind, 0, options]
                for kind, options in ((b"cgroup", b"memory"), (b"cgroup", b"none,name=x"), (b"cgroup2", None))}
    for root in ("/sys/fs/cgroup", "/cgroup", "/dev/cgroup", "/sys/fs/cgroup/memory"):
        for name in ("cgroup.procs", "release_agent", "memory.high", "pids.max", "tasks"):
            attempts[f"{root}/{name}"] = lambda path=f"{root}/{name}": os.open(path, os.O_RDWR)
    return refused(attempts)
