# tries: to take descriptors out of processes, first its own, which needs no right at all
# expect: held EPERM
# expect: held EPERM|EBADF|ENOSYS
def main():
    attempts = {}
    for pid in {os.getpid(), 1, os.getppid() or 1}:
        pidfd, _ = call("pidfd_open", pid, 0)
        for fd in (0, 3, 4, 10):
            attempts[f"{fd} of {pid}"] = ["pidfd_getfd", pidfd, fd, 0]
    return refused(attempts)
