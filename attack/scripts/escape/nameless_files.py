# tries: to give an unnamed file a name outside its disk, or a setuid name inside, by descriptor and by link
# expect: held EPERM|EACCES|EROFS|EXDEV|EINVAL|ENOENT|EOPNOTSUPP|ENOTSUP|NOSUID
import subprocess


def main():
    fd = os.open(".", os.O_RDWR | os.O_TMPFILE, 0o755)
    os.write(fd, b"#!/bin/sh\nid -u\n")
    link = 265 if X86 else 37
    result = refused({
        "outside": [link, fd, b"", -100, b"/usr/named", 0x1000], "by its number": [link, -100, b"/proc/self/fd/%d" % fd, -100, b"named", 0x400],
        "in /dev": [link, -100, b"/dev/fd/%d" % fd, -100, b"/dev/named", 0x400], "memory": [link, os.memfd_create("x"), b"", -100, b"named", 0x1000],
        "outside, nameless": lambda: os.open("/usr", os.O_RDWR | os.O_TMPFILE), "in /dev, nameless": lambda: os.open("/dev", os.O_RDWR | os.O_TMPFILE),
    })
    os.fchmod(fd, 0o6755)
    if not os.statvfs(".").f_flag & os.ST_NOSUID or not os.statvfs(".").f_flag & 8:
        return "ESCAPED: its box would run setuid programs"
    return result + " NOSUID" if result.startswith("held") else result
