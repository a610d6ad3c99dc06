# tries: to leave used-up counters of its uid behind: queued signals, timers, locks, descriptors in flight, for the next cell with the uid
# expect: result "left"
import array
import signal
import socket


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, {40})
    while LIBC.sigqueue(os.getpid(), 40, 1) == 0:
        pass
    timer = ctypes.c_void_p()
    while LIBC.timer_create(1, None, ctypes.byref(timer)) == 0:
        pass
    a, b = socket.socketpair()
    a.setblocking(False)
    try:
        while True:
            a.sendmsg([b"x"], [(1, 1, array.array("i", [1] * 200))])
    except OSError:
        pass
    return "left"


# --- then
# expect: result [true, true, true]
import array
import signal
import socket


def sent(end):
    try:
        return end.sendmsg([b"x"], [(1, 1, array.array("i", [1] * 10))]) == 1
    except OSError as e:
        if e.errno != errno.ETOOMANYREFS:
            raise


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, {40})
    timer = ctypes.c_void_p()
    a, b = socket.socketpair()
    return [bool(poll(lambda: LIBC.sigqueue(os.getpid(), 40, 1) == 0)), bool(poll(lambda: LIBC.timer_create(1, None, ctypes.byref(timer)) == 0)),
            bool(poll(lambda: sent(a)))]
