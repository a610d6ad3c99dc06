# tries: to come to the kernel's /proc and /sys by other names, and through links of its own
# expect: held ENOENT|ENOTDIR|EACCES
def main():
    os.symlink("/proc/self/root", "root")
    os.symlink("/proc/1/fd", "fd")
    os.symlink("/sys/kernel", "kernel")
    paths = ("/proc/1", "//proc/self/status", "/./proc/1/cmdline", "/usr/../proc/mounts", "../../proc/self/mountinfo", "/dev/../proc/version", "/dev/fd/3",
             "/dev/stdout", "/sys/class/net", "/sys/fs/cgroup/cgroup.procs", "/sys/devices/system/cpu", "/sys/kernel/security", "root/etc", "fd/0", "kernel/notes",
             "/usr/proc", "/box/proc", "/hotcell/proc/1", "/hotcell/proc/self/fd", "/hotcell/sys/kernel", "/tmp/proc")
    return refused({path: lambda path=path: os.open(path, os.O_RDONLY) for path in paths})
