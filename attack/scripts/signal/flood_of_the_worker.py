# tries: to drown its worker in signals while it answers: from children, from threads, by queues and by descriptors
# expect: status ok|killed|exited|timeout
# limits: wall_ms=3000 processes=16
import signal


def main():
    signal.signal(signal.SIGUSR1, lambda *_: None)
    own = os.getpid()
    for _ in range(6):
        if os.fork() == 0:
            end = time.monotonic() + 1
            while time.monotonic() < end:
                try:
                    os.kill(own, signal.SIGUSR1)
                except OSError:
                    pass
            os._exit(0)
    return list(range(10_000))
