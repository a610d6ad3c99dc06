# tries: to reopen its own pipes in other modes, by every name that a descriptor may have; it may write to its output, and nothing else
# expect: held ENOENT|EACCES|ENXIO|ENOTDIR|EPERM
def main():
    names = [f"{folder}/{fd}" for folder in ("/dev/fd", "/proc/self/fd", "/proc/thread-self/fd") for fd in range(4)]
    names = [name for name in names if name != "/dev/fd/0"] + ["/dev/stdout", "/dev/stderr"]
    written = ("/dev/fd/1", "/dev/fd/2", "/dev/stdout", "/dev/stderr")
    return refused({f"{name} {flags}": lambda name=name, flags=flags: os.open(name, flags)
                    for name in names for flags in (os.O_RDONLY, os.O_RDWR, os.O_WRONLY) if flags != os.O_WRONLY or name not in written})
