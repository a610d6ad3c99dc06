# tries: to create device nodes on its disk, and to open them
# expect: held EPERM|EACCES
import stat


def main():
    devices = {"memory": (stat.S_IFCHR, 1, 1), "kmsg": (stat.S_IFCHR, 1, 11), "disk": (stat.S_IFBLK, 8, 0), "virtual disk": (stat.S_IFBLK, 253, 0),
               "loop": (stat.S_IFBLK, 7, 0), "fuse": (stat.S_IFCHR, 10, 229), "tun": (stat.S_IFCHR, 10, 200), "terminal": (stat.S_IFCHR, 4, 0),
               "null": (stat.S_IFCHR, 1, 3)}
    attempts = {name: lambda k=kind, a=major, i=minor: os.mknod("node", k | 0o666, os.makedev(a, i)) for name, (kind, major, minor) in devices.items()}
    os.mknod("fifo", stat.S_IFIFO | 0o600)  # makes no device, and is allowed
    return refused(attempts)
