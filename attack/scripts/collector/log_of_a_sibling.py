# tries: to find what a sibling prints, or what cells before printed, in the memory that prints go to, and among its descriptors
# expect: result "printed", stdout contains "a sibling's"
def main():
    print("a sibling's\n" * 1000)
    time.sleep(0.5)
    return "printed"


# --- beside
# expect: result "held: its own", stdout "mine\n"
from pyworker import printing


def main():
    print("mine")
    if printing._raw:
        memory = ctypes.string_at(printing._at + 32, printing.BYTES - 32)
        if memory.rstrip(b"\0") != b"mine\n":
            return "ESCAPED: " + repr(memory[:100])
    for fd in range(3, 64):
        try:
            if os.fstat(fd).st_size == printing.BYTES:
                return f"ESCAPED: {fd}"
        except OSError:
            pass
    return "held: its own"
