# tries: to fill the kernel's memory with names charged to nobody: names of mappings (PR_SET_VMA), and what a thread may say about itself
# expect: held EPERM|EINVAL|ENOSYS
def main():
    attempts = {}
    for n in range(50):
        name = ctypes.create_string_buffer(b"%079d" % n)
        attempts[f"mapping {n}"] = ["prctl", 0x53564D41, 0, ctypes.addressof(name) & ~4095, 4096, name]
    attempts["another kind of mapping"] = ["prctl", 0x53564D41, 1, 0, 4096, 0]
    return refused(attempts)
