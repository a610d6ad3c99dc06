# tries: kinds of mappings that Python does not need: locked, growing downwards, synchronous, droppable, below 2 GiB
# expect: held EINVAL|EPERM|ENOTSUP|EOPNOTSUPP|EAGAIN|ENOMEM
def main():
    fd = os.open("own", os.O_RDWR | os.O_CREAT)
    os.ftruncate(fd, 4096)
    return refused({
        "MAP_LOCKED": ["mmap", 0, 4096, 3, 0x2022, -1, 0],
        "MAP_GROWSDOWN": ["mmap", 0, 4096, 3, 0x122, -1, 0],
        "MAP_SYNC": ["mmap", 0, 4096, 3, 0x80003, fd, 0],
        "MAP_DROPPABLE": ["mmap", 0, 4096, 3, 0x28, -1, 0],
        "MAP_UNINITIALIZED": ["mmap", 0, 4096, 3, 0x4000022, -1, 0],
        "MAP_HUGETLB, high bits": ["mmap", 0, 2 << 20, 3, 1 << 32 | 0x40022, -1, 0],
        "PROT_GROWSDOWN": [10 if X86 else 226, 0x10000, 4096, 1 | 0x01000000],
    })
