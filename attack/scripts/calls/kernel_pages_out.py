# tries: advice that makes the kernel work on its memory at once: page out, collapse to huge pages, guard pages
# expect: held EINVAL|EPERM
import mmap


def main():
    held = mmap.mmap(-1, 4 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    at = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(held)))
    held[0] = 1
    return refused({name: ["madvise", at, 4 << 20, advice] for name, advice in (
        ("COLD", 20), ("PAGEOUT", 21), ("COLLAPSE", 25), ("REMOVE", 9), ("GUARD_INSTALL", 102), ("GUARD_REMOVE", 103),
        ("a number that is none", 77), ("below none", -1))})
