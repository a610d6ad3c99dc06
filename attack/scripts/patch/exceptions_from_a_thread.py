# tries: to raise in the worker itself, by exceptions that a thread sets in the main thread again and again
# expect: status exited|exception|ok
# expect: status timeout, limit wall|cpu, result null
# limits: wall_ms=2000
import threading


def main():
    target = ctypes.c_ulong(threading.main_thread().ident)

    def throw():
        while True:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(KeyboardInterrupt))

    threading.Thread(target=throw, daemon=True).start()
    return "x" * 100_000
