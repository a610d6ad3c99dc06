# tries: to have the service read past the memory that prints go to: writes numbers and garbage there, and dies
# expect: status exited
import struct

from pyworker import printing


def main():
    print("printed")
    if printing._at:
        head = struct.pack("4Q", 1 << 63, 1 << 62, (1 << 64) - 1, 1 << 40)
        ctypes.memmove(printing._at, head + os.urandom(printing.BYTES - len(head)), printing.BYTES)
    os._exit(1)


# --- then
# expect: status output_limit, limit output
# expect: status exited, stdout "printed\n"
# limits: output_bytes=1000
import struct

from pyworker import printing


def main():
    print("printed")
    if printing._raw:
        ctypes.memmove(printing._at, struct.pack("4Q", 0, printing.BYTES - 32, 0, 4096), 32)
    os._exit(1)


# --- then
# expect: result "answered", stdout "printed\n"
def main():
    print("printed")
    return "answered"
