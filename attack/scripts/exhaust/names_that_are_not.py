# tries: to fill the dentry cache with nonexistent names in a host directory, which stay after the cell's end
# cgroup: the memory of these names is charged to the cell, and must be given back when its cgroup is removed
# limits: wall_ms=10000 memory_bytes=134217728
# expect: held
# expect: status memory_limit
def main():
    n, end = 0, time.monotonic() + 1
    while time.monotonic() < end:
        for _ in range(1000):
            n += 1
            try:
                os.stat(b"/usr/lib/%x" % n + b"y" * 200)
            except OSError:
                pass
    return f"held: {n}"
