# tries: to leave its working directory in another state for the next: gone, replaced, without rights, full, mounted on
# expect: status ok|exception|killed|exited
def main():
    os.chdir("/")
    for change in (lambda: os.rmdir("/box/work"), lambda: os.symlink("/usr", "/box/work"), lambda: os.rename("/box/tmp", "/box/gone"),
                   lambda: os.chmod("/box", 0), lambda: os.mkdir("/box/mnt")):
        try:
            change()
        except OSError:
            pass
    return "left"


# --- then
# expect: result [true, true, true, 448]
import stat


def main():
    return [os.getcwd() == "/box/work", os.path.isdir("/tmp"), os.path.isdir("/dev/shm"), stat.S_IMODE(os.stat(".").st_mode)]
