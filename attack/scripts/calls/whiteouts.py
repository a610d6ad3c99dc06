# tries: to make whiteouts, by which an overlay hides files: a device 0:0, which any user may make, and by a rename
# expect: held EPERM|EINVAL
import stat


def main():
    open("a", "w").close()
    return refused({
        "mknod": lambda: os.mknod("w", stat.S_IFCHR | 0o600, 0),
        "mknodat, high bits": ["mknodat", -100, b"w2", 1 << 32 | stat.S_IFCHR | 0o600, 0],
        "a block device": lambda: os.mknod("b", stat.S_IFBLK | 0o600, 0),
        "rename": ["renameat2", -100, b"a", -100, b"b", 4],
        "rename, exchanged": ["renameat2", -100, b"a", -100, b"b", 6],
        "rename, a flag that is none": ["renameat2", -100, b"a", -100, b"b", 8],
    })
