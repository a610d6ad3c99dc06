# tries: to search for data in a file of nothing but holes, from its beginning to the largest offset
# limits: wall_ms=500
# within: 8000
# expect: status timeout, limit wall|cpu
def main():
    fd = os.open("x", os.O_RDWR | os.O_CREAT)
    os.ftruncate(fd, (1 << 63) - 1)
    for n in range(20):
        os.pwrite(fd, b"x", (1 << 58) * n)
    while True:
        at = 0
        while True:
            try:
                at = os.lseek(fd, at, os.SEEK_DATA)
                at = os.lseek(fd, at, os.SEEK_HOLE)
            except OSError:
                break
