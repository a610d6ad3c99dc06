# tries: to read and write the memory of a child of its own and of process 1 (process_vm_readv, process_vm_writev)
# expect: held EPERM
def main():
    memory = ctypes.create_string_buffer(b"unwritten")
    pid = os.fork()
    if pid == 0:
        time.sleep(20)
        os._exit(0)
    copy = ctypes.create_string_buffer(b"different")
    local = (ctypes.c_uint64 * 2)(ctypes.addressof(copy), 9)
    remote = (ctypes.c_uint64 * 2)(ctypes.addressof(memory), 9)
    try:
        return refused({
            f"{name} {who}": [name, who, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0]
            for name in ("process_vm_readv", "process_vm_writev") for who in (pid, os.getpid(), 1)
        })
    finally:
        os.kill(pid, 9)
