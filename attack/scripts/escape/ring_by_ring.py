# tries: to use a gap in one layer for what another denies: truncate, refer, devices, sockets and signals, each by its rarest call
# expect: held EPERM|EACCES|EROFS|ENOSYS|EXDEV|ESRCH|ENOENT|EINVAL|ENOTTY|EISDIR
def main():
    open("own", "w").close()
    return refused({
        "truncate the system's": lambda: os.truncate("/usr/bin/env", 0),
        "made anew": lambda: os.open("/usr/bin/env", os.O_CREAT | os.O_TRUNC | os.O_WRONLY),
        "open to truncate": lambda: os.open("/usr/bin/env", os.O_RDONLY | os.O_TRUNC),
        "refer to another place": lambda: os.link("own", "/dev/shm/../../usr/own"),
        "a fifo outside": lambda: os.mkfifo("/dev/fifo"), "a link outside": lambda: os.symlink("x", "/usr/link"), "a directory outside": lambda: os.mkdir("/dev/d"),
        "a device inside": lambda: os.mknod("dev", 0o20600, os.makedev(1, 3)), "a socket inside": lambda: os.mknod("sock", 0o140600),
        "ioctl of a device": ["ioctl", os.open("/dev/zero", os.O_RDONLY), 0x5207, 0], "a whole directory": lambda: os.rmdir("/dev/shm/../../dev"),
    })
