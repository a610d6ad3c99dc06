# tries: to be called once more, by a timer and by every other signal, while the worker makes its answer
# expect: status ok, result [0]
# expect: status exception, error ZeroDivisionError, result null
# limits: wall_ms=10000
import signal


def main():
    for number in range(1, 65):
        try:
            signal.signal(number, lambda *a: 1 / 0)
        except (OSError, ValueError):
            pass
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
    return [n for n in range(300_000)][:1]
