# tries: to signal what is outside by every way that names a process: pids, groups, threads, pidfds, timers, terminals, queues
# expect: held ESRCH|EPERM|EINVAL|EBADF|ENOSYS|ENOTTY|OWN_INIT
def main():
    own, info = os.getpid(), (ctypes.c_int * 32)(40, 0, -1)
    attempts = {}
    for pid in (1, os.getppid(), 2, 3, 1000, 30000, 4194303):
        if pid in (0, own) or pid == 1 and call("kill", 1, 0)[1] is None:
            continue
        attempts |= {
            f"tkill {pid}": ["tkill", pid, 0], f"tgkill {pid}": [234 if X86 else 131, pid, pid, 0], f"kill {pid}": ["kill", pid, 0],
            f"queue {pid}": [129 if X86 else 138, pid, 40, ctypes.byref(info)], f"group {pid}": ["kill", -pid, 0],
            f"queue to a thread {pid}": [297 if X86 else 240, pid, pid, 40, ctypes.byref(info)],
        } | ({f"pidfd {pid}": ["pidfd_open", pid, 0]} if pid != 1 else {})  # 1 may be its own jail's first
    attempts |= {f"by descriptor {fd}": ["pidfd_send_signal", fd, 0, None, 0] for fd in (0, 1, 2, 3)}
    result = refused(attempts)
    return result + " OWN_INIT" if result.startswith("held") and call("kill", 1, 0)[1] is None and own != 1 else result
