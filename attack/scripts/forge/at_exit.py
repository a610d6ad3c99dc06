# tries: to answer from code that runs at the interpreter's end: exit handlers, finalizers, threads that are waited for
# expect: status exited, exit 3, result null, stdout ""
import atexit
import threading
import weakref


class Last:
    def __del__(self):
        late("__del__")


def late(who):
    print(f"late {who}")
    channel(answer(b'"late"'))


def main():
    global last, watched
    last, watched = Last(), Last()
    atexit.register(late, "atexit")
    weakref.finalize(watched, late, "finalize")
    threading._register_atexit(late, "threading")
    raise SystemExit(3)
