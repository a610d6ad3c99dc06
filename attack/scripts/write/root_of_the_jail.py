# tries: to write anywhere in the jail outside its disk, by every call that creates or changes a name
# expect: held EROFS|EACCES|EPERM|EXDEV|ENOENT|EEXIST|ENOTEMPTY|EBUSY|EISDIR|ENOTDIR|EINVAL
import socket


def main():
    open("own", "w").close()
    attempts = {}
    for place in ("/", "/usr", "/usr/lib", "/etc", "/dev", os.path.dirname(os.__file__), sys.prefix, "/box"):
        if place == "/box":
            continue
        at = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        attempts |= {
            f"file {place}": lambda at=at: os.open("new", os.O_WRONLY | os.O_CREAT, dir_fd=at),
            f"directory {place}": lambda at=at: os.mkdir("new", dir_fd=at),
            f"link {place}": lambda at=at: os.link("own", "new", dst_dir_fd=at),
            f"symlink {place}": lambda at=at: os.symlink("/own", "new", dir_fd=at),
            f"fifo {place}": lambda at=at: os.mkfifo("new", dir_fd=at),
            f"node {place}": lambda at=at: os.mknod("new", 0o100644, dir_fd=at),
            f"rename {place}": lambda at=at: os.rename("own", "new", dst_dir_fd=at),
            f"exchange {place}": ["renameat2", -100, b"own", at, b"new", 2],
            f"nameless {place}": lambda place=place: os.open(place, os.O_RDWR | os.O_TMPFILE),
            f"owner {place}": lambda at=at: os.fchown(at, os.getuid(), os.getgid()),
        }
    return refused(attempts)
