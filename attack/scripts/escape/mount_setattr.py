# tries: to clear the read-only and nosuid flags of the whole mount tree
# expect: held EPERM|ENOSYS
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NOEXEC = 1, 2, 8


def main():
    attributes = (ctypes.c_uint64 * 4)(0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0, 0)
    return attempt("mount_setattr", -100, b"/", 0x8000, ctypes.byref(attributes), 32)
