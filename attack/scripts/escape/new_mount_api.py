# tries: to mount by fsopen, open_tree, fspick and move_mount instead of mount
# expect: held EPERM
# expect: held EPERM|ENOSYS
AT_FDCWD, OPEN_TREE_CLONE, AT_RECURSIVE = -100, 1, 0x8000


def main():
    return refused({
        "fsopen": ["fsopen", b"tmpfs", 0],
        "fsmount": ["fsmount", 3, 0, 0],
        "fsconfig": ["fsconfig", 3, 0, b"size", b"1g", 0],
        "open_tree": ["open_tree", AT_FDCWD, b"/", OPEN_TREE_CLONE | AT_RECURSIVE],
        "open_tree without a clone": ["open_tree", AT_FDCWD, b"/", 0],
        "fspick": ["fspick", AT_FDCWD, b"/", 0],
        "fspick of the box": ["fspick", AT_FDCWD, os.getcwd().encode(), 0],
        "move_mount": ["move_mount", AT_FDCWD, b"/usr", AT_FDCWD, os.getcwd().encode(), 0],
    })
