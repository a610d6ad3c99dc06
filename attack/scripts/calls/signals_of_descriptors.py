# tries: to have a descriptor send signals: owners, their kinds, real-time signals, O_ASYNC by three calls
# expect: held EPERM|EINVAL|ENOTTY
def main():
    r, w = os.pipe()
    owner = (ctypes.c_int * 2)(2, os.getpid())
    one = ctypes.c_int(1)
    attempts = {}
    for fd in (r, 0, 1, 3):
        attempts |= {
            f"F_SETOWN {fd}": ["fcntl", fd, 8, os.getpid()], f"F_SETOWN {fd} of a group": ["fcntl", fd, 8, -1],
            f"F_SETOWN_EX {fd}": ["fcntl", fd, 15, ctypes.byref(owner)], f"F_SETSIG {fd}": ["fcntl", fd, 10, 40],
            f"F_SETSIG {fd} of SIGKILL": ["fcntl", fd, 10, 9], f"F_GETOWNER_UIDS {fd}": ["fcntl", fd, 17, ctypes.byref(owner)],
            f"O_ASYNC {fd}": ["fcntl", fd, 4, 0o20000], f"FIOASYNC {fd}": ["ioctl", fd, 0x5452, ctypes.byref(one)],
            f"FIOSETOWN {fd}": ["ioctl", fd, 0x8901, ctypes.byref(one)], f"SIOCSPGRP {fd}": ["ioctl", fd, 0x8902, ctypes.byref(one)],
        }
    attempts["O_ASYNC and more"] = ["fcntl", r, 4, 0o20000 | 0o4000 | 0o2000]
    attempts["O_ASYNC from the beginning"] = lambda: os.open("/dev/null", os.O_RDONLY | 0o20000)
    return refused(attempts)
