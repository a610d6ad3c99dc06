# tries: to give a file of its own capabilities, a security label, trusted attributes, another owner, no limits
# expect: held EPERM|EOPNOTSUPP|EINVAL|ENOTTY|EACCES
def main():
    fd = os.open("own", os.O_CREAT | os.O_RDWR, 0o755)
    everything = (0x02000001).to_bytes(4, "little") + b"\xff\xff\xff\xff" * 4
    attempts = {name: lambda n=name, v=value: os.setxattr("own", n, v) for name, value in (
        ("security.capability", everything), ("security.selinux", b"x"), ("security.ima", b"x"), ("trusted.overlay.opaque", b"y"),
        ("system.posix_acl_access", b"\x02\0\0\0"), ("trusted.x", b"x"))}
    attempts |= {
        "immutable": ["ioctl", fd, 0x40086602, ctypes.byref(ctypes.c_long(0x10))],
        "owner": lambda: os.chown("own", 0, 0),
        "group": lambda: os.chown("own", -1, 0),
        "owner of its box": lambda: os.chown(".", *[20001 if os.getuid() == 20000 else 20000] * 2),
    }
    return refused(attempts)
