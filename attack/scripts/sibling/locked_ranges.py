# tries: the same by locked ranges, POSIX ones and those of descriptions, which can also be asked for without taking one
# limits: wall_ms=10000
# expect: held
import fcntl
import struct


def main():
    for path in ("/usr/bin/env", os.__file__):
        fd = os.open(path, os.O_RDONLY)
        for n in (3, 7, 12):
            for command in (6, 37):
                call("fcntl", fd, command, struct.pack("hhqqi4x", 0, 0, n, 1, 0))
    time.sleep(1.2)
    return "held: locked"


# --- beside
# expect: held UNSEEN|EPERM|EINVAL|EBADF
# limits: wall_ms=10000
import struct


def main():
    words = set()
    for path in ("/usr/bin/env", os.__file__):
        fd = os.open(path, os.O_RDONLY)
        for command in (5, 36):
            for n in (3, 7, 12):
                lock = ctypes.create_string_buffer(struct.pack("hhqqi4x", 1, 0, n, 1, 0), 32)
                value, error = call("fcntl", fd, command, lock)
                kind, _, start, length, pid = struct.unpack("hhqqi4x", lock.raw)
                words.add(error or "UNSEEN")
                if error is None and kind == 0:
                    return f"ESCAPED: a sibling's lock at {start}, of process {pid}"
    return "held: " + " ".join(sorted(words))
