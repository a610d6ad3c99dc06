# tries: to be interrupted where its answer is made, by timers whose handlers raise, or that nobody handles
# expect: status ok, result contains "50000"
# expect: status exception
# limits: wall_ms=10000
import signal


def main():
    signal.signal(signal.SIGALRM, lambda *_: 1 / 0)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    try:
        time.sleep(0.02)
    except ZeroDivisionError:
        pass
    return str(list(range(50001)))


# --- then
# expect: result "slept"
# expect: status killed, signal SIGALRM
import signal


def main():
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    time.sleep(0.1)
    return "slept"
