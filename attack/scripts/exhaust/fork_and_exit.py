# tries: to keep the kernel busy with forks and exits of a large process, while a sibling waits
# limits: wall_ms=700 processes=32
# expect: status timeout, limit wall|cpu
def main():
    held = bytearray(b"x") * (32 << 20)
    for _ in range(4):
        os.fork()
    while True:
        try:
            if os.fork() == 0:
                os._exit(0)
            os.wait()
        except OSError:
            pass


# --- beside
# expect: result 7
# within: 8000
def main():
    return 7
