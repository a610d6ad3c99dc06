# tries: socketpair for the families that it can load kernel modules with, and the flags of others
# expect: held EPERM|EAFNOSUPPORT|EOPNOTSUPP
def main():
    pair = (ctypes.c_int * 2)()
    attempts = {f"family {family} type {kind}": ["socketpair", family, kind, 0, ctypes.byref(pair)]
                for family in range(46) if family != 1 for kind in (1, 2, 5)}
    return refused(attempts)
