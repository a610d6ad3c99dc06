# tries: to confuse whoever reads its prints: a child that shares their memory writes numbers there as long as it can, while the script prints and answers
# expect: result "answered"
# expect: status killed, signal SIGSEGV
# expect: status killed, signal SIGBUS
# expect: status output_limit
# expect: status timeout
# limits: wall_ms=5000
import struct

from pyworker import printing


def main():
    if LIBC.fork() == 0:
        while True:
            for numbers in (0, 1 << 40, 0, 1 << 63), (7, 9, 1 << 62, 3), (0, 60_000, 0, 60_000), (0, 0, 0, 0):
                if printing._raw:
                    ctypes.memmove(printing._at, struct.pack("4Q", *numbers), 32)
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        print("printed")
    return "answered"


# --- then
# expect: result "answered", stdout "printed\n"
def main():
    print("printed")
    return "answered"
