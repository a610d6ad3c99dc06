# tries: to be slow to end: page tables over terabytes, in many processes that share nothing
# limits: wall_ms=700 memory_bytes=268435456
# within: 8000
# expect: status timeout|memory_limit
import mmap


def main():
    for _ in range(15):
        if os.fork() == 0:
            break
    held = mmap.mmap(-1, 8 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)
    for at in range(0, 8 << 30, 2 << 20):
        held[at]
    time.sleep(99)
