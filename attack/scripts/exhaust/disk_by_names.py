# tries: to hold more than its disk by files that have no name any more, and by space beyond a file's end
# limits: disk_bytes=4194304
# expect: held ENOSPC
def main():
    def nameless():
        held = []
        while True:
            fd = os.open("x", os.O_RDWR | os.O_CREAT)
            os.unlink("x")
            os.write(fd, bytes(1 << 20))
            held.append(fd)
            if len(held) > 8:
                return "8 MiB"

    def temporary():
        held = []
        while len(held) < 9:
            fd = os.open(".", os.O_RDWR | os.O_TMPFILE)
            os.write(fd, bytes(1 << 20))
            held.append(fd)
        return "8 MiB"

    def kept_size():
        fd = os.open("y", os.O_RDWR | os.O_CREAT)
        value, error = call("fallocate", fd, 1, 0, 16 << 20)
        if error:
            raise OSError(getattr(errno, error), error)
        return value

    return refused({"nameless": nameless, "kept size": kept_size, "temporary": temporary})
