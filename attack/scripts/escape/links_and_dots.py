# tries: to leave its root by every spelling of "up": links to .., descriptors of directories, a directory that moves while it climbs
# expect: held SAME_ROOT
def main():
    root = os.stat("/").st_ino, os.stat("/").st_dev
    os.makedirs("a/b/c")
    os.symlink("../../../../../../../..", "a/up")
    down = os.open("a/b/c", os.O_RDONLY)
    os.rename("a/b", "b")
    seen = set()
    for fd, path in ((down, "/".join([".."] * 60)), (down, "../../../../../../../../.."), (os.open("a", os.O_RDONLY), "up/../../.."),
                     (os.open("/", os.O_RDONLY), ".."), (os.open("/", os.O_RDONLY), "../../usr/../..")):
        at = os.open(path, os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
        status = os.fstat(at)
        seen.add((status.st_ino, status.st_dev))
    return "held: SAME_ROOT" if seen == {root} else f"ESCAPED: {seen} and not {root}"
