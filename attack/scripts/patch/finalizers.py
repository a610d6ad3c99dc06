# tries: to run again when its result is thrown away: __del__, weak references, collector callbacks
# expect: status exited, exit 9, result null
# expect: status ok, result {"kept": 1}
# limits: wall_ms=10000
import gc
import weakref


class Late(dict):
    def __del__(self):
        os._exit(9)


def main():
    late = Late(kept=1)
    globals()["watch"] = weakref.ref(late, lambda _: os._exit(8))
    gc.callbacks.append(lambda phase, info: sys.exit(7))
    gc.set_threshold(1, 1, 1)
    return late
# --- then
# expect: status ok, result "quick"
# expect: status timeout, limit wall|cpu, result null
# limits: wall_ms=1000
class Slow:
    def __del__(self):
        while True:
            pass


def main():
    local = Slow()
    globals().clear()
    return "quick"
