# tries: timers that wake a machine that sleeps, by three calls, and the machine's clocks as devices
# expect: held EINVAL|EPERM|ENOTSUP|EOPNOTSUPP|EBADF|ENODEV
def main():
    attempts = {}
    spec = (ctypes.c_uint64 * 4)(0, 0, 10, 0)
    timer = ctypes.c_void_p()
    for name, clock in {"REALTIME_ALARM": 8, "BOOTTIME_ALARM": 9, "high bits": 1 << 32 | 9}.items():
        attempts |= {
            f"timerfd {name}": ["timerfd_create", clock, 0],
            f"timer {name}": ["timer_create", clock, None, ctypes.byref(timer)],
            f"sleep {name}": ["clock_nanosleep", clock, 1, ctypes.byref(spec), None],
        }
    for fd in (0, 1, 2, 3):
        attempts[f"a clock that descriptor {fd} is"] = ["clock_gettime", (~fd << 3 | 3) & 0xFFFFFFFF, ctypes.byref(spec)]
    return refused(attempts)
