# tries: pidfds of threads, and what a pidfd gives by ioctl: facts, and descriptors of every namespace of the process
# expect: held ENOTTY|EPERM|EINVAL
def main():
    own, error = call("pidfd_open", os.getpid(), 0)
    if error:
        return f"held: {error}"
    facts = (ctypes.c_uint64 * 16)()
    facts[0] = 1
    attempts = {f"namespace {n}": ["ioctl", own, 0xFF00 | n, 0] for n in range(1, 11)}
    attempts |= {f"facts in {size}": ["ioctl", own, 3 << 30 | size << 16 | 0xFF00 | 11, ctypes.byref(facts)] for size in (64, 72, 80)}
    attempts["of a thread"] = ["pidfd_open", call("gettid")[0], 0o200 | 1 << 32]
    attempts["another flag"] = ["pidfd_open", os.getpid(), 1 << 20]
    return refused(attempts)
