# tries: the old way out of a chroot: chroot into a directory below, and climb
# expect: held EPERM
def main():
    os.mkdir("below")
    up = os.open(".", os.O_RDONLY)

    def climb():
        os.chroot("below")
        os.fchdir(up)
        for _ in range(64):
            os.chdir("..")
        os.chroot(".")
        return os.listdir("/")

    return refused({"climb": climb, "chroot to where it is": ["chroot", b"/"]})
