# tries: to go round in a fault for ever, in C, where no handler of Python's ever runs
# expect: status timeout, limit cpu|wall
# expect: status killed
# limits: wall_ms=500 cpu_ms=400
import signal


def main():
    signal.signal(signal.SIGSEGV, lambda *_: None)  # returns to where the fault was
    ctypes.string_at(8)
