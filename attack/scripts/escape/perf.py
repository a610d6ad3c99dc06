# tries: to count its own page faults, the least that perf_event_open has, and the whole machine's
# expect: held EPERM|ENOSYS
def main():
    own = (ctypes.c_uint64 * 16)()
    own[0] = 1 | 128 << 32  # PERF_TYPE_SOFTWARE, size
    own[1] = 2  # page faults
    own[5] = 1 << 0 | 1 << 5 | 1 << 6  # disabled, exclude_kernel, exclude_hv
    return refused({
        "itself": ["perf_event_open", ctypes.byref(own), 0, -1, -1, 0],
        "a processor": ["perf_event_open", ctypes.byref(own), -1, 0, -1, 0],
    })
