# tries: timers that are due every microsecond, by signals and descriptors, in several processes
# expect: status timeout, limit wall|cpu
# limits: wall_ms=300 processes=16
import signal


def main():
    for _ in range(3):
        os.fork()
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.signal(signal.SIGPROF, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 1e-6, 1e-6)
    signal.setitimer(signal.ITIMER_PROF, 1e-6, 1e-6)
    while True:
        pass
