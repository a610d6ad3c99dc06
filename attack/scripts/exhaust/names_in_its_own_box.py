# tries: to fill the dentry cache with nonexistent names in its own directory, and through links that lead nowhere
# cgroup: the memory of these names is charged to the cell
# limits: wall_ms=10000 memory_bytes=67108864
# expect: held
# expect: status memory_limit
def main():
    n, end = 0, time.monotonic() + 0.7
    os.symlink("y" * 200, "nowhere")
    while time.monotonic() < end:
        for _ in range(500):
            n += 1
            for path in (b"%x" % n + b"y" * 200, b"nowhere/%x" % n):
                try:
                    os.open(path, os.O_RDONLY)
                except OSError:
                    pass
    return f"held: {n}"
