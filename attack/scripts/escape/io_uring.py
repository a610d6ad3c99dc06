# tries: to set up an io_uring, through which calls run that no filter sees
# expect: held EPERM|ENOSYS
def main():
    parameters = (ctypes.c_uint32 * 32)()
    return refused({
        "setup": ["io_uring_setup", 4, ctypes.byref(parameters)],
        "enter": ["io_uring_enter", 0, 0, 0, 0, 0, 0],
        "register": ["io_uring_register", -1, 0, 0, 0],
    })
