# tries: to open as many files as all its processes may, which the kernel counts for the whole machine (fs.file-max)
# machine: fs.file-max is one for all; it holds what it could open for a third of a second
# limits: wall_ms=10000
# expect: result "at most 256 a process"
def main():
    r, w = os.pipe()
    processes = 0
    while processes < 100:
        try:
            pid = os.fork()
        except OSError:
            break
        if pid == 0:
            opened = 0
            try:
                while opened < 2000:
                    os.open("/dev/null", 0)
                    opened += 1
            except OSError:
                pass
            os.write(w, b"%5d" % opened)
            time.sleep(0.3)
            os._exit(0)
        processes += 1
    most = max(int(os.read(r, 5)) for _ in range(processes))
    return "at most 256 a process" if most <= 256 else f"ESCAPED: {most} files in each of {processes} processes"
