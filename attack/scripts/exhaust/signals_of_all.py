# tries: to use up the pending signals, and so the timers, of everybody: the kernel counts them for the namespace's owner, too
# single: the kernel counts queued signals, and with them POSIX timers, per uid: a cell can take all 128, and until it ends others get EAGAIN
# limits: wall_ms=10000
# expect: held EAGAIN|EPERM
import signal


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, {40})
    for _ in range(1 << 20):
        if LIBC.sigqueue(os.getpid(), 40, 1) == -1:
            break
    else:
        return "ESCAPED: a million signals are pending"
    error = name_of(ctypes.get_errno())
    time.sleep(3)
    return f"held: {error}"


# --- beside
# expect: held
def refused_timer():
    timer = ctypes.c_void_p()
    if LIBC.timer_create(1, None, ctypes.byref(timer)) == -1:
        return name_of(ctypes.get_errno())
    LIBC.timer_delete(timer)


def main():
    error = poll(refused_timer, 2.5)
    return f"ESCAPED: no timer is left, {error}" if error else "held: a timer"
