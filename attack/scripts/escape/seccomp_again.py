# tries: to load a filter that allows everything, and one that would hand its calls to itself
# expect: held EPERM|ENOSYS
def main():
    allow = (ctypes.c_uint64 * 1)(0x7FFF000000000006)
    program = (ctypes.c_uint64 * 2)(1, ctypes.addressof(allow))
    action = ctypes.c_uint32(0x7FFF0000)
    return refused({
        "filter": ["seccomp", 1, 0, ctypes.byref(program)],
        "for all threads": ["seccomp", 1, 1, ctypes.byref(program)],
        "with a listener": ["seccomp", 1, 8, ctypes.byref(program)],
        "which actions": ["seccomp", 2, 0, ctypes.byref(action)],
    })
