# tries: to leave its memory cgroup behind permanently: a page of a file that nobody else has read is charged to it and keeps it alive
# cgroup: a cgroup with a page that is charged to it cannot be removed until it is emptied
# expect: status ok
def main():
    for folder, folders, names in os.walk("/usr/share"):
        folders.sort()
        for name in sorted(names)[-3:]:
            path = f"{folder}/{name}"
            if os.path.isfile(path) and os.access(path, os.R_OK):
                fd = os.open(path, os.O_RDONLY)
                call("fadvise64", fd, 0, 0, 4)
                os.pread(fd, 1, 0)
                os.close(fd)
    return "read"


# --- then
# expect: status ok
def main():
    return len(os.pread(os.memfd_create("x"), 1, 0))


# --- then
# expect: status timeout
# limits: wall_ms=300
def main():
    for folder, folders, names in os.walk("/usr/lib"):
        for name in names[:2]:
            try:
                with open(f"{folder}/{name}", "rb") as file:
                    file.read(1)
            except OSError:
                pass
    time.sleep(9)
