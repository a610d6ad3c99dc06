# tries: ioctls of file systems on its own and on shared files: flags, clones, maps of blocks, freezing, trimming, verity, keys
# expect: held ENOTTY|EPERM
def main():
    open("own", "w").close()
    buffer = (ctypes.c_uint64 * 64)()
    requests = {"GETFLAGS": 0x80086601, "SETFLAGS": 0x40086602, "FSGETXATTR": 0x801C581F, "FSSETXATTR": 0x401C5820, "FICLONE": 0x40049409,
                "FIDEDUPERANGE": 0xC0189436, "FIBMAP": 1, "FIGETBSZ": 2, "FIEMAP": 0xC020660B, "FIFREEZE": 0xC0045877, "FITHAW": 0xC0045878,
                "FITRIM": 0xC0185879, "ENABLE_VERITY": 0x40806685, "ADD_ENCRYPTION_KEY": 0xC0506617, "GETVERSION": 0x80087601,
                "GETFSLABEL": 0x81009431, "GETFSUUID": 0x80111500, "FIOQSIZE": 0x5460, "BLKFLSBUF": 0x1261}
    attempts = {}
    for path in ("own", ".", "/usr/bin/env", "/", sys.prefix):
        fd = os.open(path, os.O_RDONLY)
        attempts |= {f"{name} {path}": ["ioctl", fd, request, ctypes.byref(buffer)] for name, request in requests.items()}
    return refused(attempts)
