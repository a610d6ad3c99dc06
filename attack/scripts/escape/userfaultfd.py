# tries: userfaultfd, which widens races in the kernel, for user mode only, as any user may
# expect: held EPERM|ENOSYS
def main():
    return refused({"user mode": ["userfaultfd", os.O_CLOEXEC | 1], "kernel faults too": ["userfaultfd", 0]})
