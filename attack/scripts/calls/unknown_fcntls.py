# tries: every fcntl command that does not exist or is newer than the filter, with a number and with a pointer
# expect: held EPERM|EINVAL|EBADF
def main():
    buffer = (ctypes.c_uint64 * 8)()
    fd = os.open("own", os.O_RDWR | os.O_CREAT)
    known = {0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032, 1033, 1034}
    attempts = {}
    for command in [n for n in (*range(64), *range(1024, 1056), 4096, 1 << 31) if n not in known]:
        attempts[str(command)] = ["fcntl", fd, command, ctypes.byref(buffer)]
        attempts[f"{command} of nothing"] = ["fcntl", fd, command, 0]
    return refused(attempts)
