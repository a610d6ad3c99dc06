# tries: to have its memory merged with others' (KSM), whose timing reveals what they hold, by every call that requests it
# expect: held EINVAL|EPERM|ENOSYS
import mmap


def main():
    held = mmap.mmap(-1, 1 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    at = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(held)))
    return refused({
        "MADV_MERGEABLE": ["madvise", at, 1 << 20, 12],
        "MADV_UNMERGEABLE": ["madvise", at, 1 << 20, 13],
        "high bits": ["madvise", at, 1 << 20, 1 << 32 | 12],
        "PR_SET_MEMORY_MERGE": ["prctl", 67, 1, 0, 0, 0],
        "PR_GET_MEMORY_MERGE": ["prctl", 68, 0, 0, 0, 0],
    })
