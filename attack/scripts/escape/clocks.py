# tries: the calls that set the machine's clocks, with arguments that change nothing and that anybody may give
# expect: held EPERM|ENOSYS
def main():
    nothing = (ctypes.c_uint64 * 40)()
    return refused({
        "settimeofday of nothing": ["settimeofday", None, None],
        "adjtimex that only reads": ["adjtimex", ctypes.byref(nothing)],
        "clock_adjtime that only reads": ["clock_adjtime", 0, ctypes.byref(nothing)],
        "clock_settime": ["clock_settime", 1, ctypes.byref(nothing)],  # CLOCK_MONOTONIC cannot be set by anybody
    })
