# tries: to map the lowest addresses, where a null pointer in the kernel would point
# expect: held EPERM|EACCES|EINVAL|ENOMEM
import mmap


def main():
    held = mmap.mmap(-1, 8192)
    at = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(held)))
    return refused({
        "address 0": ["mmap", 0, 4096, 3, 0x32, -1, 0],
        "address 0, not replacing": ["mmap", 0, 4096, 3, 0x100022 | 0x10, -1, 0],
        "by mremap": ["mremap", at, 4096, 4096, 3, 0],
        "the kernel's half": ["mmap", -(1 << 46), 4096, 3, 0x32, -1, 0],
    })
