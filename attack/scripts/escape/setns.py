# tries: to enter the namespaces of its parent, of process 1 and of itself, by pidfd
# expect: held EPERM
# expect: held EPERM|EBADF|ESRCH|EINVAL
def main():
    attempts = {}
    for pid in {os.getpid(), 1, os.getppid() or 1}:
        pidfd, _ = call("pidfd_open", pid, 0)
        for flag in (0, 0x10000000, 0x20000000, 0x40000000, 0x00020000):
            attempts[f"{pid} {flag:x}"] = ["setns", pidfd, flag]
    attempts["the channel"] = ["setns", 3, 0]
    return refused(attempts)
