# tries: to declare a page of the machine broken (MADV_HWPOISON, MADV_SOFT_OFFLINE), and what a broken page does to it
# expect: held EPERM|EINVAL
import mmap


def main():
    held = mmap.mmap(-1, 1 << 20)
    at = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(held)))
    return refused({
        "MADV_HWPOISON": ["madvise", at, 4096, 100], "MADV_SOFT_OFFLINE": ["madvise", at, 4096, 101],
        "PR_MCE_KILL": ["prctl", 33, 1, 1, 0, 0], "PR_MCE_KILL_GET": ["prctl", 34, 0, 0, 0, 0],
    })
