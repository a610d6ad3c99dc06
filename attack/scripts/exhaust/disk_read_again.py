# tries: endless reads from the host's disk: all the files that it sees, mapped, read, populated, repeatedly
# limits: wall_ms=1500
# expect: status timeout, limit wall|cpu
import mmap


def main():
    for _ in range(3):
        os.fork()
    while True:
        for folder, folders, names in os.walk("/usr/lib"):
            for name in names:
                try:
                    with open(os.path.join(folder, name), "rb") as file:
                        mmap.mmap(file.fileno(), 0, mmap.MAP_SHARED | 0x8000, mmap.PROT_READ)[:1]
                except (OSError, ValueError):
                    pass


# --- beside
# expect: result "served"
# within: 8000
def main():
    return "served"
