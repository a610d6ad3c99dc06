# tries: to delay the end by exit handlers, finalizers, and destructors of objects and of threads
# expect: result "done", stdout "", status ok
# within: 8000
import atexit
import threading
import weakref


class Slow:
    def __del__(self):
        time.sleep(60)


def main():
    global kept
    kept = Slow()
    atexit.register(time.sleep, 60)
    weakref.finalize(kept, time.sleep, 60)
    threading._register_atexit(time.sleep, 60)
    LIBC.on_exit(LIBC.pause, None)
    sys.exitfunc = sys.excepthook = sys.unraisablehook = lambda *_: time.sleep(60)
    return "done"


# --- then
# expect: status exited, exit 4, stdout ""
# limits: wall_ms=10000
# within: 8000
import atexit


class Slow:
    def __del__(self):
        time.sleep(60)
        print("ESCAPED: a minute later")


def main():
    global kept
    kept = Slow()
    atexit.register(time.sleep, 60)
    sys.exit(4)
