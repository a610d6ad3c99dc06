# tries: to leave a process's attributes to the next: nice, affinity, umask, limits, timers, signals, descriptors, groups
# expect: result "left"
import resource
import signal


def main():
    if os.nice(0) < 17:
        os.nice(17 - os.nice(0))
    call("sched_setaffinity", 0, 8, ctypes.byref(ctypes.c_uint64(1)))
    os.umask(0o777)
    os.chdir("/usr")
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (59, 59))  # and no limit or timer that a slow machine would meet before the answer
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    signal.setitimer(signal.ITIMER_REAL, 59, 59)
    for fd in range(10, 60):
        os.set_inheritable(os.dup2(1, fd), True)
    call("prctl", 15, b"left", 0, 0, 0)
    return "left"


# --- then
# expect: result [false, true, 18, false, [false, false, false], true, [], [0.0, 0.0], [], true]
import resource
import signal


def is_open(fd):
    try:
        return bool(os.fstat(fd))
    except OSError:
        return False


def main():
    name = ctypes.create_string_buffer(16)
    call("prctl", 16, name, 0, 0, 0)
    limits = [resource.getrlimit(kind)[1] in (0, 59, 64) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU)]
    return [os.nice(0) == 17, len(os.sched_getaffinity(0)) > 1 or os.cpu_count() == 1, os.umask(0), os.getcwd() == "/usr", limits,
            signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL, list(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
            signal.getitimer(signal.ITIMER_REAL), [fd for fd in range(10, 60) if is_open(fd)], name.value != b"left"]
