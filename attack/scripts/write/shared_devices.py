# tries: to change the devices that all cells share: their mode, their owner, their times, the kernel's entropy
# expect: held EPERM|EROFS|EACCES|ENOTTY
def main():
    attempts = {}
    for path in ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"):
        attempts |= {
            f"mode of {path}": lambda p=path: os.chmod(p, 0o000),
            f"owner of {path}": lambda p=path: os.chown(p, os.getuid(), os.getgid()),
            f"time of {path}": lambda p=path: os.utime(p, (0, 0)),
            f"present time of {path}": lambda p=path: os.utime(p),
            f"remove {path}": lambda p=path: os.unlink(p),
        }
    entropy = (ctypes.c_int * 4)(8, 4, 0, 0)
    for path in ("/dev/random", "/dev/urandom"):
        attempts[f"write to {path}"] = lambda p=path: open(p, "wb")
        fd = os.open(path, os.O_RDONLY)
        for name, request in (("count", 0x40045201), ("pool", 0x40085203), ("zap", 0x5204), ("clear", 0x5206), ("reseed", 0x5207)):
            attempts[f"entropy {name} of {path}"] = ["ioctl", fd, request, ctypes.byref(entropy)]
    return refused(attempts)
