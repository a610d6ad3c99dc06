# tries: to lock memory, so that the kernel must take it from others
# expect: held ENOMEM|EPERM|EAGAIN|EINVAL|ENOSYS
import mmap


def main():
    held = mmap.mmap(-1, 64 << 20)
    at = ctypes.addressof(ctypes.c_char.from_buffer(held))
    more = (ctypes.c_uint64 * 2)(1 << 40, 1 << 40)
    return refused({
        "mlock of 64 MiB": ["mlock", at, 64 << 20],
        "mlock2, on fault": [325 if X86 else 284, at, 64 << 20, 1],
        "a locked mapping": lambda: mmap.mmap(-1, 64 << 20, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | 0x2000),
        "mlockall": ["mlockall", 7],
        "a higher limit": [302 if X86 else 261, 0, 8, ctypes.byref(more), 0],  # prlimit64, RLIMIT_MEMLOCK
        "a huge page": lambda: mmap.mmap(-1, 2 << 20, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | 0x40000)[0],
    })
