# tries: to reopen its own pipes in other modes, by every name that a descriptor may have
# expect: held ENOENT|EACCES|ENXIO|ENOTDIR|EPERM
def main():
    return refused({f"{path} {flags}": lambda path=path, flags=flags: os.open(path, flags)
                    for fd in (0, 1, 2, 3) for flags in (0, 1, 2)
                    for path in (f"/dev/fd/{fd}", f"/proc/self/fd/{fd}", f"/proc/thread-self/fd/{fd}", "/dev/stdout", "/dev/stderr")})
