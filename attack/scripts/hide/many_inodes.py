# tries: to be slow to end because of its disk: tens of thousands of files and directories that the kernel frees with the mount
# limits: wall_ms=1500 memory_bytes=268435456
# within: 8000
# expect: status timeout|memory_limit
def main():
    n = 0
    try:
        while True:
            n += 1
            if n % 100 == 1:
                os.mkdir(f"d{n}")
                os.chdir(f"d{n}")
            os.mknod(f"{n}")
    except OSError:
        pass
    time.sleep(99)
