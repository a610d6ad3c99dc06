# tries: openat2, whose flags are in memory that no filter can read, for O_DIRECT, O_PATH and plainly
# expect: held ENOSYS|EPERM
def main():
    attempts = {}
    for flags in (0, 0o40000, 0o10000000, 0o20000):
        how = (ctypes.c_uint64 * 3)(flags, 0, 0)
        attempts[f"flags {flags:o}"] = ["openat2", -100, b"/usr/bin/env", ctypes.byref(how), 24]
    how = (ctypes.c_uint64 * 3)(0, 0, 0x20)
    attempts["RESOLVE_CACHED, which tells what is in the cache"] = ["openat2", -100, b"/usr/bin/env", ctypes.byref(how), 24]
    return refused(attempts)
