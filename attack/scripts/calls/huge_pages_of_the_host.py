# tries: pages of the host's pool of huge pages, which no cgroup counts unless it is asked to
# expect: held EINVAL|EPERM|ENOSYS
def main():
    attempts = {}
    for name, size in (("the default size", 0), ("64 KiB", 16 << 26), ("2 MiB", 21 << 26), ("1 GiB", 30 << 26), ("16 GiB", 34 << 26)):
        attempts[f"mmap of {name}"] = ["mmap", 0, 2 << 20, 3, 0x40022 | size, -1, 0]
        attempts[f"shared, of {name}"] = ["mmap", 0, 2 << 20, 3, 0x40021 | size, -1, 0]
        attempts[f"memfd of {name}"] = ["memfd_create", b"x", 4 | size]
        attempts[f"memfd of {name}, sealed"] = ["memfd_create", b"x", 4 | 2 | 8 | size]
        attempts[f"shmget of {name}"] = ["shmget", 0, 2 << 20, 0o4000 | 0o1600 | size]
    return refused(attempts)
