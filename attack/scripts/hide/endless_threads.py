# tries: to delay the end by threads that Python would wait for, asleep and awake, and by its main thread's end
# expect: result "done", status ok
# limits: wall_ms=10000
# within: 8000
import threading


def main():
    for work in (lambda: time.sleep(60), lambda: [None for _ in iter(int, 1)], threading.Lock().acquire):
        for _ in range(4):
            threading.Thread(target=work, daemon=False).start()
    return "done"


# --- then
# expect: status timeout, limit wall
# limits: wall_ms=300
import threading


def main():
    threading.Thread(target=time.sleep, args=(60,)).start()
    call(60 if X86 else 93, 0)  # exit, of this thread alone
