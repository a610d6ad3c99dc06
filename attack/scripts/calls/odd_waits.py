# tries: flags of epoll that need a right or poll a device, and the ioctl that tunes it
# expect: held ENOTTY|EPERM|EINVAL|ENOSYS|EBADF
import select


def main():
    try:
        watch = select.epoll()
    except OSError as e:
        return f"held: {name_of(e.errno)}"
    parameters = (ctypes.c_uint64 * 2)(1 << 32 | 100, 8)
    event = (ctypes.c_uint32 * 3)(1, 0, 0)
    return refused({
        "EPIOCSPARAMS": ["ioctl", watch.fileno(), 0x40088A01, ctypes.byref(parameters)],
        "EPIOCGPARAMS": ["ioctl", watch.fileno(), 0x80088A02, ctypes.byref(parameters)],
        "itself": ["epoll_ctl", watch.fileno(), 1, watch.fileno(), ctypes.byref(event)],
        "a file": ["epoll_ctl", watch.fileno(), 1, os.open("/usr/bin/env", os.O_RDONLY), ctypes.byref(event)],
        "an operation that is none": ["epoll_ctl", watch.fileno(), 9, 0, ctypes.byref(event)],
    })
