# tries: to make the host's disk flush its cache, through files that it may only read, by every call that can: it must cost nothing
# expect: held NO_WORK
import mmap


def main():
    files = [os.open(path, os.O_RDONLY) for path in ("/usr/bin/env", sys.executable, os.__file__)]
    LIBC.mmap.restype = ctypes.c_void_p
    shared = LIBC.mmap(None, 4096, 1, 1, files[0], 0)
    flushes = {
        "fsync": lambda fd: call("fsync", fd), "fdatasync": lambda fd: call("fdatasync", fd), "sync": lambda fd: call("sync"),
        "syncfs": lambda fd: call("syncfs", fd), "sync_file_range": lambda fd: call("sync_file_range", fd, 0, 0, 7),
        "msync": lambda fd: call("msync", ctypes.c_void_p(shared), 4096, 4),
    }
    slow = {}
    for name, flush in flushes.items():
        best = 1.0
        for _ in range(20):  # the best of many: another may have had the processor
            began = time.perf_counter()
            for n in range(20):
                flush(files[n % 3])
            best = min(best, (time.perf_counter() - began) / 20)
        plain = min(timed(lambda: call("gettid")) for _ in range(20))
        if best > 20 * plain + 20e-6:
            slow[name] = round(best * 1e6)
    return f"ESCAPED: microseconds each takes: {slow}" if slow else "held: NO_WORK"


def timed(work):
    began = time.perf_counter()
    for _ in range(20):
        work()
    return (time.perf_counter() - began) / 20
