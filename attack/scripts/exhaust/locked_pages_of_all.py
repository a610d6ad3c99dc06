# tries: to use up the memory that its uid may lock, in several children, while a sibling needs its share
# expect: held ENOMEM|EPERM|EAGAIN|SMALL
import mmap


def lock():
    held = mmap.mmap(-1, 64 << 10)
    at = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(held)))
    while True:
        value, error = call("mlock", at, 64 << 10)
        if error:
            return error
        time.sleep(1)
        return "SMALL"


def main():
    pids = []
    for _ in range(20):
        pid = os.fork()
        if pid == 0:
            lock()
            os._exit(0)
        pids.append(pid)
    time.sleep(0.9)
    return "held: SMALL"


# --- beside
# expect: result null
# expect: result "EPERM"
import mmap


def main():
    held = mmap.mmap(-1, 64 << 10)
    return call("mlock", ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(held))), 16 << 10)[1]
