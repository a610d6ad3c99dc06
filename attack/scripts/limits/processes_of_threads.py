# tries: more threads than processes, counted together, in children of children
# cgroup: threads and processes are counted together
# limits: processes=6 wall_ms=8000
# expect: held REFUSED
import threading


def main():
    made, children = 0, 0
    for _ in range(3):
        try:
            pid = os.fork()
        except OSError:
            break
        children += 1
        if pid == 0:
            try:
                for _ in range(10):
                    threading.Thread(target=time.sleep, args=(2,), daemon=True).start()
                    made += 1
            except RuntimeError:
                pass
            time.sleep(1)  # else what one gives back is counted once more by the next
            os._exit(made)
    total = sum(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(children))
    return "held: REFUSED" if total <= 6 else f"ESCAPED: {total} threads of 6 processes"
