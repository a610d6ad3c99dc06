# tries: pipes of packets, and pipes that the kernel writes notices into (watch queues), with their ioctls
# expect: held EINVAL|EPERM|ENOTTY|ENOPKG
def main():
    pair = (ctypes.c_int * 2)()
    r, w = os.pipe()
    filters = (ctypes.c_uint32 * 8)(1)
    return refused({
        "O_DIRECT": ["pipe2", ctypes.byref(pair), 0o40000],
        "O_NOTIFICATION_PIPE": ["pipe2", ctypes.byref(pair), 0o200],
        "O_DIRECT, high bits": ["pipe2", ctypes.byref(pair), 1 << 32 | 0o40000 | 0o2000000],
        "O_DIRECT afterwards": ["fcntl", w, 4, 0o40001],
        "the size of the queue": ["ioctl", r, 0x5760, 256],
        "its filter": ["ioctl", r, 0x5761, ctypes.byref(filters)],
    })
