# tries: to change the mode, the owner and the times of its own descriptors, and has its answer come all the same
# expect: result "answered", stdout "printed\n"
def main():
    for fd in (0, 1, 2, 3):
        for change in (lambda: os.fchmod(fd, 0), lambda: os.fchown(fd, os.getuid(), os.getgid()), lambda: os.utime(fd, (1, 1)), lambda: os.ftruncate(fd, 0)):
            try:
                change()
            except OSError:
                pass
    print("printed")
    return "answered"
