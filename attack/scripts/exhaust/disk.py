# tries: to write more than its disk holds: in one file, many, past a hole, with space reserved, and by many names
# expect: held ENOSPC|EFBIG|EINVAL
# limits: disk_bytes=4194304
def fill(path):
    with open(path, "wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))


def hole():
    file = os.open("hole", os.O_RDWR | os.O_CREAT)
    os.ftruncate(file, 1 << 40)  # holds nothing
    written = sum(os.pwrite(file, b"x" * 4096, at) for at in range(0, 1 << 40, 1 << 28))
    return f"{written} written"


def main():
    result = refused({
        "space that is only reserved": lambda: os.posix_fallocate(os.open("reserved", os.O_RDWR | os.O_CREAT), 0, 64 << 20),
        "a hole, here and there": hole,
        "a huge file": lambda: os.ftruncate(os.open("huge", os.O_RDWR | os.O_CREAT), (1 << 63) - 1) or fill("huge"),
        "/tmp": lambda: fill("/tmp/x"),
        "/dev/shm": lambda: fill("/dev/shm/x"),
        "many": lambda: [fill(f"many{n}") for n in range(100)],
    })
    for place in ("/box/work", "/tmp", "/dev/shm"):
        disk = os.statvfs(place)
        if disk.f_blocks * disk.f_frsize > 4 << 20:
            return f"ESCAPED: {place} has {disk.f_blocks * disk.f_frsize}"
    return result
