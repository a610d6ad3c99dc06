# tries: to wake a sibling that waits on a word of a file that both have mapped
# expect: held ETIMEDOUT|EPERM|EINVAL|EACCES|ENOSYS|EFAULT
def word():
    file = os.open("/usr/bin/env", os.O_RDONLY)
    LIBC.mmap.restype = ctypes.c_void_p
    return ctypes.c_uint32.from_address(LIBC.mmap(None, ctypes.c_size_t(4096), 1, 1, file, ctypes.c_long(0)))  # PROT_READ, MAP_SHARED


def main():
    w = word()
    value, error = call("futex", ctypes.byref(w), 0, w.value, ctypes.byref((ctypes.c_int64 * 2)(1, 100_000_000)))
    return f"held: {error}" if error else "ESCAPED: a sibling woke it"


# --- beside
# expect: held EPERM|EINVAL|EACCES|ENOSYS|EFAULT|NOBODY
def word():
    file = os.open("/usr/bin/env", os.O_RDONLY)
    LIBC.mmap.restype = ctypes.c_void_p
    return ctypes.c_uint32.from_address(LIBC.mmap(None, ctypes.c_size_t(4096), 1, 1, file, ctypes.c_long(0)))


def main():
    woken, error = call("futex", ctypes.byref(word()), 1, 100, None)
    return f"ESCAPED: {woken} siblings wait" if woken > 0 else f"held: {error or 'NOBODY'}"
