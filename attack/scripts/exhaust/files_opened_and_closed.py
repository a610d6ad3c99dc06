# tries: deferred kernel work that is charged to nobody: files, mappings and processes released by the thousand
# limits: wall_ms=1500
# expect: status timeout, limit wall|cpu
import mmap


def main():
    while True:
        for _ in range(500):
            os.close(os.open("/dev/null", 0))
            mmap.mmap(-1, 4096).close()
            os.close(os.memfd_create("x"))
        if os.fork() == 0:
            os._exit(0)
        os.wait()


# --- beside
# expect: result "served"
# within: 8000
def main():
    return "served"
