# tries: leases and delegations, by which the host's open of a file waits for the cell, up to 45 s (fs.lease-break-time)
# expect: held EPERM|EINVAL
def main():
    open("own", "w").close()
    files = {"own": os.open("own", os.O_RDONLY), "host's": os.open("/usr/bin/env", os.O_RDONLY), "directory": os.open(".", os.O_RDONLY),
             "memfd": os.memfd_create("x"), "null": os.open("/dev/null", os.O_RDONLY)}
    attempts = {}
    for name, fd in files.items():
        for kind in (0, 1, 2):
            attempts[f"F_SETLEASE {kind} {name}"] = ["fcntl", fd, 1024, kind]
        attempts[f"F_GETLEASE {name}"] = ["fcntl", fd, 1025, 0]
        buffer = (ctypes.c_uint32 * 4)(0, 1)
        attempts[f"F_SETDELEG {name}"] = ["fcntl", fd, 1024 + 16, ctypes.byref(buffer)]
    return refused(attempts)
