# tries: to open devices that hosts have, and looks whether those that it has are what they say
# expect: held ENOENT|EACCES|ENXIO
import glob
import stat

HARMLESS = {(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0)}


def main():
    for path in glob.glob("/dev/**", recursive=True):
        node = os.lstat(path)
        if stat.S_ISBLK(node.st_mode):
            return f"ESCAPED: {path} is a block device"
        if stat.S_ISCHR(node.st_mode) and (os.major(node.st_rdev), os.minor(node.st_rdev)) not in HARMLESS:
            return f"ESCAPED: {path} is device {os.major(node.st_rdev)}:{os.minor(node.st_rdev)}"
    names = ("mem", "kmem", "port", "kmsg", "sda", "vda", "nvme0n1", "dm-0", "loop0", "loop-control", "fuse", "kvm", "net/tun", "vhost-net", "vsock",
             "tty", "tty0", "console", "ptmx", "pts/0", "pts/ptmx", "hpet", "rtc0", "mapper/control", "btrfs-control", "userfaultfd", "dri/card0",
             "nvidia0", "uinput", "input/event0", "snapshot", "cpu_dma_latency", "autofs", "mqueue", "hugepages", "log")
    return refused({name: lambda name=name: os.open("/dev/" + name, os.O_RDONLY | os.O_NONBLOCK) for name in names})
