# tries: fallocate's other modes: to collapse, insert and zero ranges, to unshare, on its disk and on memory, with high bits
# expect: held ENOTSUP|EOPNOTSUPP|EPERM|EINVAL|EBADF|ENODEV
def main():
    own = os.open("own", os.O_RDWR | os.O_CREAT)
    os.ftruncate(own, 1 << 20)
    memory = os.memfd_create("x")
    os.ftruncate(memory, 1 << 20)
    attempts = {}
    for name, mode in {"COLLAPSE": 8, "ZERO": 16, "INSERT": 32, "UNSHARE": 64, "WRITE_ZEROES": 0x80, "NO_HIDE": 4, "PUNCH alone": 2, "high": 1 << 31}.items():
        for fd in (own, memory):
            attempts[f"{name} {fd}"] = ["fallocate", fd, mode, 0, 4096]
    return refused(attempts)
