# tries: the processor time of other processes by their clocks, which any process may read
# expect: held EINVAL|EPERM|ESRCH
def main():
    spec = (ctypes.c_uint64 * 2)()
    own = {1, os.getpid(), os.getppid()}
    attempts = {}
    for pid in [pid for pid in range(2, 2000) if pid not in own]:
        for kind in (0, 1, 2, 4 | 2):
            attempts[f"{pid} {kind}"] = ["clock_gettime", (~pid << 3 | kind) & 0xFFFFFFFF, ctypes.byref(spec)]
    return refused(attempts)
