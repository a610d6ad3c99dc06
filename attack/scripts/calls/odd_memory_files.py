# tries: memory files with nonexistent flags, with flags that use the host's pools, and with names that are too long
# expect: held EINVAL|EPERM|EFAULT|ENOSYS
def main():
    attempts = {f"flag {1 << n:#x}": ["memfd_create", b"x", 1 << n] for n in range(5, 32)}
    attempts |= {"a long name": ["memfd_create", b"x" * 300, 0], "no name": ["memfd_create", 0, 0], "secret": ["memfd_secret", 0],
                 "exec and no exec": ["memfd_create", b"x", 0x18]}
    return refused(attempts)
