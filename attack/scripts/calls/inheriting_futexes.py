# tries: futexes with priority inheritance and those that wait for two, which are the kernel's most difficult
# expect: held ENOSYS|EPERM
def main():
    word, other = ctypes.c_uint32(0), ctypes.c_uint32(0)
    short = (ctypes.c_uint64 * 2)(0, 1000)
    attempts = {}
    for flags in (0, 128, 256, 128 | 256):
        for name, operation in {"LOCK_PI": 6, "UNLOCK_PI": 7, "TRYLOCK_PI": 8, "WAIT_REQUEUE_PI": 11, "CMP_REQUEUE_PI": 12, "LOCK_PI2": 13}.items():
            attempts[f"{name} {flags}"] = ["futex", ctypes.byref(word), operation | flags, 1, ctypes.byref(short), ctypes.byref(other), 0]
    attempts["high bits"] = ["futex", ctypes.byref(word), 1 << 32 | 6, 1, ctypes.byref(short), ctypes.byref(other), 0]
    return refused(attempts)
