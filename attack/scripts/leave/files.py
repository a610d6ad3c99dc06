# tries: to leave files, links, open permissions and a full disk in every place that is writable
# expect: result "left"
def main():
    for place in ("/tmp", "/box", "/box/work", "/dev/shm"):
        with open(f"{place}/left", "w") as file:
            file.write("x" * 10_000_000)
        os.symlink("/usr", f"{place}/link")
        os.chmod(place, 0o777)
    os.chmod("/box/work", 0)
    return "left"


# --- then
# expect: result [[], [], [], false, 0]
def main():
    disk = os.statvfs("/box")
    return [os.listdir("."), os.listdir("/tmp"), os.listdir("/dev/shm"), os.path.lexists("/box/left") or os.path.lexists("/box/link"),
            (disk.f_blocks - disk.f_bfree) * disk.f_frsize >> 20]
