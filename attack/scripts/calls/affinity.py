# tries: to choose its processors, by every call that does: each move is made by the kernel's migration threads, charged to nobody
# expect: held EPERM|ESRCH|ENOSYS|EINVAL
def main():
    child = os.fork()
    if child == 0:
        time.sleep(9)
        os._exit(0)
    words = (ctypes.c_uint64 * 128)(1)
    attempts = {}
    for who in (0, os.getpid(), child, 1 if os.getpid() != 1 else 2):
        for size in (8, 128, 1024):
            attempts[f"{who} in {size}"] = ["sched_setaffinity", who, size, ctypes.byref(words)]
    attempts |= {
        "set_mempolicy": ["set_mempolicy", 1, ctypes.byref(words), 64], "mbind": ["mbind", 0, 0, 1, ctypes.byref(words), 64, 0],
        "migrate_pages": ["migrate_pages", child, 64, ctypes.byref(words), ctypes.byref(words)],
    }
    try:
        return refused(attempts)
    finally:
        os.kill(child, 9)
