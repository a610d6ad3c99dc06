# tries: to find memory of a sibling by what both began with: shared mappings, memory files, named and nameless
# expect: result "written"
import mmap


def main():
    shared = mmap.mmap(-1, 4096)
    shared[:6] = b"SECRET"
    for name in ("x", "stdin", "secret"):
        os.write(os.memfd_create(name), b"SECRET")
    for fd in (0, 1, 2, 3):
        try:
            mmap.mmap(fd, 4096)[:6] = b"SECRET"
        except (OSError, ValueError):
            pass
    time.sleep(1)
    return "written"


# --- beside
# expect: held
import gc
import mmap


def main():
    for found in gc.get_objects():  # a cell has mappings of its own
        if isinstance(found, mmap.mmap) and found[:6] == b"SECRET" or type(found).__name__ == "SharedMemory":
            return f"ESCAPED: {found}"
    words = set()
    for fd in range(64):
        try:
            if mmap.mmap(fd, 4096, access=mmap.ACCESS_READ)[:6] == b"SECRET":
                return f"ESCAPED: descriptor {fd}"
        except (OSError, ValueError) as e:
            words.add(type(e).__name__)
    return "held: " + " ".join(sorted(words))
