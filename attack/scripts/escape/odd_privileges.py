# tries: calls that an ordinary user may make with harmless arguments, and a script never needs
# expect: held EPERM|ENOSYS
def main():
    buffer = ctypes.create_string_buffer(64)
    return refused({
        "size of the kernel's log": ["syslog", 10, None, 0],
        "iopl 0": ["iopl", 0],
        "ioperm off": ["ioperm", 0x80, 1, 0],
        "modify_ldt that reads": ["modify_ldt", 0, ctypes.byref(buffer), 64],
        "sethostname": ["sethostname", b"attack", 6],
        "setdomainname": ["setdomainname", b"attack", 6],
        "swapon": ["swapon", b"/box/no-such-file", 0],
        "swapoff": ["swapoff", b"/box/no-such-file"],
        "acct": ["acct", b"/box/no-such-file"],
        "quotactl": ["quotactl", 0x80000102, None, 0, None],
        "lookup_dcookie": ["lookup_dcookie", 0, ctypes.byref(buffer), 64],
        "memfd_secret": ["memfd_secret", 0],
        "lsm_get_self_attr": ["lsm_get_self_attr", 100, None, None, 0],
    })
