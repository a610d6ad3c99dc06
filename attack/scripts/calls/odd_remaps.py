# tries: mremap that keeps the old mapping or moves to a fixed place, remap_file_pages, and memory protection keys
# expect: held EINVAL|EPERM|ENOSYS|ENOSPC
import mmap


def main():
    held = mmap.mmap(-1, 8192, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    at = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(held)))
    return refused({
        "MREMAP_DONTUNMAP": ["mremap", at, 8192, 8192, 5, 0],
        "MREMAP_DONTUNMAP, high bits": ["mremap", at, 8192, 8192, 1 << 32 | 5, 0],
        "a flag that is none": ["mremap", at, 8192, 8192, 8, 0],
        "remap_file_pages": ["remap_file_pages", at, 4096, 0, 1, 0],
        "pkey_alloc": ["pkey_alloc", 0, 0],
        "pkey_mprotect": ["pkey_mprotect", at, 4096, 1, 1],
    })
