# tries: pairs of every type but a stream, with the flags and the high bits that a filter may forget
# expect: held EPERM|EINVAL|ESOCKTNOSUPPORT|EPROTONOSUPPORT
def main():
    pair = (ctypes.c_int * 2)()
    attempts = {}
    for kind in (0, 2, 3, 4, 5, 6, 7, 10, 15):
        for flags in (0, 0o4000, 0o2000000, 0o2004000, 1 << 33, 1 << 63 - 1):
            attempts[f"type {kind:#x} flags {flags:#x}"] = ["socketpair", 1, kind | flags, 0, ctypes.byref(pair)]
    for family in (0, 2, 10, 16, 17, 38, 40):
        attempts[f"family {family}"] = ["socketpair", 1 << 32 | family, 1, 0, ctypes.byref(pair)]
    return refused(attempts)
