# tries: to outlast its time with every signal blocked and ignored, in every thread and child
# expect: status timeout, limit wall
# limits: wall_ms=300 cpu_ms=60000
import signal
import threading


def main():
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    mask = (ctypes.c_uint64 * 16)(*[2**64 - 1] * 16)
    call(14 if X86 else 135, 0, ctypes.byref(mask), None, 8)  # rt_sigprocmask, past libc
    threading.Thread(target=time.sleep, args=(60,)).start()
    os.fork()
    while True:
        pass
