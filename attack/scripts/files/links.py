# tries: to have files of the system collected, by hard and symbolic links, by a linked directory, and by ..
# expect: status ok, result "made", files none
# request: {"collect": ["**"]}
def main():
    os.symlink("/etc/passwd", "passwd")
    os.symlink("/etc", "etc")
    os.symlink("..", "up")
    os.symlink("/proc/self/fd", "fds")
    os.mkdir("dir")
    os.symlink("/usr/bin/env", "dir/env")
    try:
        os.link("/usr/bin/env", "hard")
        return "ESCAPED: a hard link to the system"
    except OSError:
        return "made"
