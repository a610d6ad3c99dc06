# tries: timers that signal a thread of another process, or that need a helper in the kernel for each processor
# expect: held EINVAL|EPERM
def main():
    attempts = {}
    timer = ctypes.c_int()
    for pid in [pid for pid in (2, 3, 7, 100, 1000, 30000) if pid != os.getpid()]:
        event = (ctypes.c_int * 16)(0, 0, 40, 4, pid)  # SIGEV_THREAD_ID
        attempts[f"thread {pid}"] = ["timer_create", 1, ctypes.byref(event), ctypes.byref(timer)]
        attempts[f"the clock of {pid}"] = ["timer_create", (~pid << 3 | 2) & 0xFFFFFFFF, None, ctypes.byref(timer)]
    for number in (65, 100, -1):
        event = (ctypes.c_int * 16)(0, 0, number, 0)
        attempts[f"signal {number}"] = ["timer_create", 1, ctypes.byref(event), ctypes.byref(timer)]
    return refused(attempts)
