# tries: every class of the scheduler, for itself, its thread and a child: also the weak ones, by which a limit's share changes
# expect: held EPERM|ENOSYS|EINVAL
def main():
    child = os.fork()
    if child == 0:
        time.sleep(9)
        os._exit(0)
    zero, one = ctypes.c_int(0), ctypes.c_int(1)
    attempts = {"sched_setparam": ["sched_setparam", 0, ctypes.byref(zero)]}
    for policy in (*range(8), 0x40000000, 0x40000003):
        for who in (0, child):
            attempts[f"{policy} {who}"] = ["sched_setscheduler", who, policy, ctypes.byref(zero if policy in (0, 3, 5, 7) else one)]
            attributes = (ctypes.c_uint64 * 7)(56 | policy << 32, 0, 0, 10**7, 10**8, 10**8, 0)
            attempts[f"attributes {policy} {who}"] = ["sched_setattr", who, ctypes.byref(attributes), 0]
    for flags in (1, 2, 4, 8, 0x10, 0x20, 0x40):
        attributes = (ctypes.c_uint64 * 7)(56, flags, 0, 0, 0, 0, 1024 << 32)
        attempts[f"flags {flags:#x}"] = ["sched_setattr", 0, ctypes.byref(attributes), 0]
    try:
        return refused(attempts)
    finally:
        os.kill(child, 9)
