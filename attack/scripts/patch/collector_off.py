# tries: to turn the interpreter against the worker: collection at each allocation, one thread that never releases the GIL
# expect: status ok|timeout
# limits: wall_ms=3000
import gc
import threading


def main():
    gc.set_threshold(1, 1, 1)
    gc.callbacks.append(lambda *_: sum(range(10)))
    sys.setswitchinterval(1e-9)
    for _ in range(4):
        threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()
    return list(range(1000))
