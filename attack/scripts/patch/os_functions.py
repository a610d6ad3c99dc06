# tries: to replace the functions that the worker writes its answer and ends with
# expect: status ok, result "unharmed"
# limits: wall_ms=10000
import _io
import posix
import signal
import struct


def main():
    def never(*a, **k):
        while True:
            time.sleep(60)

    for module in (os, posix, struct, signal, time, _io):
        for name in list(vars(module)):
            if not name.startswith("__") and callable(vars(module)[name]) and (module, name) != (time, "sleep"):
                setattr(module, name, never)
    return "unharmed"
