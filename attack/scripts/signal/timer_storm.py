# tries: to get an exception out through the worker, by timers that are due so often that every way back is interrupted
# expect: status ok, result contains "50000"
# expect: status exception
# limits: wall_ms=10000
import signal


def main():
    for number, timer in ((signal.SIGALRM, signal.ITIMER_REAL), (signal.SIGVTALRM, signal.ITIMER_VIRTUAL), (signal.SIGPROF, signal.ITIMER_PROF)):
        signal.signal(number, lambda *_: 1 / 0)
        signal.setitimer(timer, 0.001, 0.0001)
    try:
        time.sleep(0.01)
    except ZeroDivisionError:
        pass
    return str(list(range(50001)))
