# tries: to give a later cell another user, memory or working directory, by the files that tell them
# expect: status ok, result "forged"
# request: {"stdin": "x"}
import shutil


def main():
    for path in ("/etc/passwd", "/etc/group", "/proc/meminfo", "/sys/fs/cgroup/memory.max", "/dev/stdin"):
        with open(path, "w") as file:
            file.write("root:x:0:0:forged:/:/bin/sh\n")
    shutil.rmtree("/box/etc")
    os.symlink("/usr", "/box/etc")
    os.rename("/box/work", "/box/old")
    os.symlink("/usr", "/box/work")
    return "forged"


# --- then
# expect: status ok, result ["cell", "cell", "/box/work", ""]
import grp
import pwd


def main():
    with open("/proc/meminfo") as figures, open("/sys/fs/cgroup/memory.max") as most:
        if int(figures.readline().split()[1]) << 10 != int(most.read()):
            return "ESCAPED: forged memory"
    with open("/dev/stdin") as stdin:
        return [pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name, os.path.realpath("/mnt/data"), stdin.read()]


# --- then
# expect: status ok|exception, files none
# request: {"collect": ["**"]}
def main():
    os.rename("/box/work", "/box/old")
    os.symlink("/etc", "/box/work")
    return "moved"
