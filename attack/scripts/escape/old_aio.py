# tries: the older asynchronous input and output, which works for everybody
# expect: held EPERM|ENOSYS
def main():
    context = ctypes.c_uint64()
    return attempt("io_setup", 8, ctypes.byref(context))
