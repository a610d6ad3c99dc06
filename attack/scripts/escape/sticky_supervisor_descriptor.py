# tries: to change the disk's size through a descriptor that the supervisor holds, by a copy left in its own table
# expect: held EPERM|EBADF|EINVAL|ENOSYS
def main():
    return refused({f"fsconfig {fd}": ["fsconfig", fd, 1, b"size", b"1g", 0] for fd in range(0, 16)})
