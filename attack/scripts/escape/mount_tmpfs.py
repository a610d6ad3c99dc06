# tries: to mount a file system of its own over its box, and a /proc
# expect: held EPERM
def main():
    os.mkdir("m")
    return refused({
        "tmpfs": ["mount", b"tmpfs", b"m", b"tmpfs", 0, None],
        "proc": ["mount", b"proc", b"m", b"proc", 0, None],
        "sysfs": ["mount", b"sysfs", b"m", b"sysfs", 0, None],
        "cgroup2": ["mount", b"none", b"m", b"cgroup2", 0, None],
        "overlay": ["mount", b"o", b"m", b"overlay", 0, b"lowerdir=/usr,upperdir=/tmp,workdir=/tmp"],
    })
