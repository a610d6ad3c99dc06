# tries: to write through descriptors given for reading, and to read through descriptors given for writing
# expect: held EBADF|EACCES|EPERM|EROFS|EINVAL|ESPIPE|ENXIO|ENOENT|EAGAIN|ENOTCONN
def main():
    attempts = {
        "write to stdin": lambda: os.write(0, b"x"), "read from stdout": lambda: os.read(1, 1), "read from stderr": lambda: os.read(2, 1),
        "stdin to write": lambda: os.truncate(0, 0), "place in stdout": lambda: os.lseek(1, 0, 0),
        "space in stdin": lambda: os.posix_fallocate(0, 0, 1), "writev of stdin": lambda: os.writev(0, [b"x"]),
    }
    return refused(attempts)
