# tries: more threads than processes, counted together, in children of children
# cgroup: threads and processes are counted together
# limits: processes=6 wall_ms=10000
# expect: held REFUSED
import threading


def main():
    children = 0
    told, tell = os.pipe()
    ends, end = os.pipe()
    for _ in range(3):
        try:
            pid = os.fork()
        except OSError:
            break
        children += 1
        if pid == 0:
            os.close(end)
            made = 0
            try:
                for _ in range(10):
                    threading.Thread(target=time.sleep, args=(99,), daemon=True).start()
                    made += 1
            except RuntimeError:
                pass
            os.write(tell, bytes([made]))
            os.read(ends, 1)  # until all have counted: else what one gives back is counted once more by the next
            os._exit(0)
    total = sum(os.read(told, 1)[0] for _ in range(children))
    os.close(end)
    return "held: REFUSED" if total <= 6 else f"ESCAPED: {total} threads of 6 processes"
