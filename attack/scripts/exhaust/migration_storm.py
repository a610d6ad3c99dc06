# tries: to spend the machine's time outside its cgroup: each move to another processor is made by a migration thread, charged to nobody
# machine: migration threads of all processors are what it wants to keep busy; it ends after half a second
# limits: wall_ms=10000
# expect: held EPERM|ENOSYS|ONE_PROCESSOR
def main():
    for _ in range(20):
        if os.fork() == 0:
            break
    sets = [ctypes.c_uint64(1), ctypes.c_uint64(2)]
    words, moved, end = set(), set(), time.monotonic() + 0.5
    getcpu = LIBC.sched_getcpu
    while time.monotonic() < end:
        for mask in sets:
            value, error = call("sched_setaffinity", 0, 8, ctypes.byref(mask))
            words.add(error or "ONE_PROCESSOR")
            if error is None:
                moved.add((mask.value, getcpu()))
    if {(1, 0), (2, 1)} <= moved:
        return f"ESCAPED: it chose its processors: {sorted(moved)}"
    return "held: " + " ".join(sorted(words))
