# tries: to make the read-only root and environment writable by a remount
# expect: held EPERM
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18


def main():
    return refused({
        "root": ["mount", None, b"/", None, MS_REMOUNT | MS_BIND, None],
        "usr": ["mount", None, b"/usr", None, MS_REMOUNT | MS_BIND, None],
        "box with exec": ["mount", None, os.getcwd().encode(), None, MS_REMOUNT, None],
        "propagation": ["mount", None, b"/", None, MS_REC | MS_PRIVATE, None],
        "bind of the root": ["mount", b"/", os.getcwd().encode(), None, MS_BIND | MS_REC, None],
    })
