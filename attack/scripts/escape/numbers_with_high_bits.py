# tries: numbers of calls with bits above the 32nd, which the kernel drops and a filter may not
# expect: held EPERM|ENOSYS
def main():
    attempts = {}
    for name, *arguments in (("unshare", 0x10000000), ("socket", 2, 1, 0), ("ptrace", 0, 0, 0, 0), ("bpf", 0, 0, 0), ("mount", 0, 0, 0, 0, 0),
                             ("keyctl", 0, -3, 1), ("io_uring_setup", 4, 0), ("userfaultfd", 0), ("perf_event_open", 0, 0, -1, -1, 0)):
        for bits in (1 << 32, 1 << 40, 1 << 62, -1 << 32):
            attempts[f"{name} {bits:#x}"] = [bits | number_of(name), *arguments]
    return in_child(lambda: refused(attempts))
