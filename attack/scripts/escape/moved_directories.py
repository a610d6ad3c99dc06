# tries: to have its current directory moved out of its disk, by renames and exchanges across mounts
# expect: held EXDEV|EROFS|EACCES|EPERM|EINVAL|EBUSY|ENOTEMPTY|EEXIST|ENOENT|ENOTDIR
def main():
    os.makedirs("a/b")
    attempts = {}
    for source, target in (("a", "/dev/a"), ("a", "/a"), ("/usr", "u"), ("/box", "/boy"), ("/dev", "d"), ("/box/work", "/box/work/x"), ("/tmp", "t"), ("a", "/usr/a")):
        attempts |= {f"{source} to {target} {flags}": ["renameat2", -100, source.encode(), -100, target.encode(), flags] for flags in (0, 1, 2)
                     if not (source == "/tmp" or source == "/box/work")}
    return refused(attempts)
