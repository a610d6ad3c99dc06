# tries: ioctls of the random device, which empty, fill or reseed the machine's pool, and of memory devices
# expect: held ENOTTY|EPERM
def main():
    buffer = (ctypes.c_int * 16)(8, 8)
    requests = {"RNDGETENTCNT": 0x80045200, "RNDADDTOENTCNT": 0x40045201, "RNDGETPOOL": 0x80085202, "RNDADDENTROPY": 0x40085203,
                "RNDZAPENTCNT": 0x5204, "RNDCLEARPOOL": 0x5206, "RNDRESEEDCRNG": 0x5207, "high bits": 1 << 32 | 0x5207}
    attempts = {}
    for path in ("/dev/urandom", "/dev/random", "/dev/null", "/dev/zero"):
        try:
            fd = os.open(path, os.O_RDONLY)
        except OSError:
            continue
        attempts |= {f"{name} {path}": ["ioctl", fd, request, ctypes.byref(buffer)] for name, request in requests.items()}
    return refused(attempts)
