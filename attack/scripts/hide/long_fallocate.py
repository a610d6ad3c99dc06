# tries: to stay in one call that reserves, punches and copies a file of exabytes
# limits: wall_ms=700 disk_bytes=268435456 memory_bytes=134217728
# within: 8000
# expect: status timeout|memory_limit|ok
def main():
    fd = os.open("x", os.O_RDWR | os.O_CREAT)
    other = os.open("y", os.O_RDWR | os.O_CREAT)
    os.ftruncate(fd, (1 << 62))
    while True:
        call("fallocate", fd, 1, 0, 1 << 61)
        call("fallocate", fd, 3, 0, 1 << 62)
        call("copy_file_range", fd, None, other, None, 1 << 60, 0)
        call("fadvise64", fd, 0, 1 << 62, 4)
