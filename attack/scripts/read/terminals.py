# tries: to find a terminal of the host's or of a sibling's, and to make one
# expect: held ENOENT|EACCES|ENXIO|ENODEV|EPERM
import pty


def main():
    attempts = {path: lambda path=path: os.open(path, os.O_RDWR | os.O_NOCTTY) for path in (
        "/dev/tty", "/dev/tty0", "/dev/tty1", "/dev/console", "/dev/ptmx", "/dev/pts/ptmx", "/dev/pts/0", "/dev/pts/1", "/dev/ttyS0", "/dev/vcs")}

    def pair():
        try:
            return pty.openpty()
        except OSError as e:
            raise OSError(e.errno or errno.ENOENT, "no terminals") from None

    attempts["a pair"] = pair
    return refused(attempts)
