# tries: to make a socket of every family there is, of every type, but for streams of AF_UNIX, which stay in the cell
# expect: held EPERM|EACCES|EAFNOSUPPORT|EPROTONOSUPPORT|ESOCKTNOSUPPORT|EINVAL
def main():
    return refused({
        f"family {family} type {kind} protocol {protocol}": ["socket", family, kind, protocol]
        for family in range(46) for kind in (1, 2, 3, 5) for protocol in (0, 1) if (family, kind) != (1, 1)
    })
