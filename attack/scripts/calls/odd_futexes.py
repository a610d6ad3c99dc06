# tries: the futex operations that nothing in libc uses: a descriptor, moving waiters, an operation on a second word, many at once
# expect: held ENOSYS|EPERM|EINVAL
def main():
    word, other = ctypes.c_uint32(0), ctypes.c_uint32(0)
    waits = (ctypes.c_uint64 * 3)(0, ctypes.addressof(word), 2)
    attempts = {name: ["futex", ctypes.byref(word), operation, 1, 1, ctypes.byref(other), 0]
                for name, operation in (("FD", 2), ("WAKE_OP", 5), ("CMP_REQUEUE", 4), ("WAKE_OP, private", 133), ("14", 14), ("100", 100))}
    attempts |= {"futex_waitv": ["futex_waitv", ctypes.byref(waits), 1, 0, None, 1], "futex_wake": [454, ctypes.byref(word), 1, 1, 2],
                 "futex_wait": [455, ctypes.byref(word), 1, 1, 2, None, 1], "futex_requeue": [456, ctypes.byref(waits), 0, 1, 1]}
    return refused(attempts)
