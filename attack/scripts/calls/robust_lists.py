# tries: the list of held locks of other threads, which is an address of their memory
# expect: held EPERM|ENOSYS|ESRCH
def main():
    head, size = ctypes.c_uint64(), ctypes.c_uint64()
    return refused({f"of {pid}": ["get_robust_list", pid, ctypes.byref(head), ctypes.byref(size)] for pid in (0, 1, os.getpid(), 2, 3, 1000)})
