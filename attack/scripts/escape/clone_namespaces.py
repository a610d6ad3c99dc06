# tries: to create a child in a new namespace with clone's flags, including bits above the 32nd
# expect: held EPERM
SIGCHLD = 17
KINDS = {"mnt": 0x00020000, "cgroup": 0x02000000, "uts": 0x04000000, "ipc": 0x08000000,
         "user": 0x10000000, "pid": 0x20000000, "net": 0x40000000}


def clone(flags):
    pid, error = call("clone", flags | SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    if pid > 0:
        os.waitpid(pid, 0)
    return pid, error


def main():
    pid, error = clone(0)
    assert pid > 0, error  # without a namespace clone works, so EPERM below is the flags'
    attempts = {kind: lambda flag=flag: clone(flag) for kind, flag in KINDS.items()}
    attempts["user and net"] = lambda: clone(KINDS["user"] | KINDS["net"])
    attempts["user, with high bits"] = lambda: clone(KINDS["user"] | 1 << 33 | 1 << 40)
    return refused(attempts)
