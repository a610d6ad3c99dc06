# tries: to get ahead of its neighbours: nice, real-time scheduling, input priority, and the limits of these
# expect: held EPERM|EACCES|ENOSYS|EINVAL
def main():
    more = (ctypes.c_uint64 * 2)(40, 40)
    prlimit = 302 if X86 else 261
    one = ctypes.c_int(1)
    return refused({
        "nice": lambda: os.nice(-1),
        "setpriority": lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
        "RLIMIT_NICE": [prlimit, 0, 13, ctypes.byref(more), 0],
        "RLIMIT_RTPRIO": [prlimit, 0, 14, ctypes.byref(more), 0],
        "SCHED_FIFO": ["sched_setscheduler", 0, 1, ctypes.byref(one)],
        "SCHED_RR": ["sched_setscheduler", 0, 2, ctypes.byref(one)],
        "SCHED_DEADLINE": ["sched_setattr", 0, ctypes.byref((ctypes.c_uint64 * 6)(48 | 6 << 32, 0, 0, 10**7, 10**8, 10**8)), 0],
        "ioprio": ["ioprio_set", 1, 0, 1 << 13],
    })
