# tries: to use up the pipe pages of its uid (fs.pipe-user-pages-soft), so that others' pipes become small
# limits: wall_ms=10000
# expect: held EMFILE|EPERM|ENFILE|FULL
# expect: status memory_limit
def main():
    words = set()
    for _ in range(30):
        try:
            if os.fork() == 0:
                try:
                    while True:
                        r, w = os.pipe()
                        call("fcntl", w, 1031, 1 << 20)
                except OSError:
                    time.sleep(1)
                os._exit(0)
        except OSError:
            break
    time.sleep(1)
    return "held: FULL"


# --- beside
# expect: result "written"
def main():
    time.sleep(0.2)
    r, w = os.pipe()
    os.set_blocking(w, False)
    return "written" if os.write(w, b"x" * 4096) == 4096 else "ESCAPED: a pipe holds no page"
