# tries: to keep the kernel's huge page thread busy with memory that it should collapse
# limits: wall_ms=1200 memory_bytes=134217728
# expect: status timeout|memory_limit
import mmap


def main():
    for _ in range(8):
        if os.fork() == 0:
            break
    held = mmap.mmap(-1, 64 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    at = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(held)))
    call("madvise", at, 64 << 20, 14)
    while True:
        for place in range(0, 8 << 20, 4096):
            held[place] = 1
        call("madvise", at, 64 << 20, 4)
