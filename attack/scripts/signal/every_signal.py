# tries: every signal to itself, from itself and from a child, ignored and handled, the real-time ones with a value
# expect: held
# expect: status killed, signal SIGKILL
import signal


def main():
    got = []
    for number in signal.valid_signals():
        try:
            signal.signal(number, lambda number, _: got.append(number))
        except (OSError, ValueError):
            pass
    worker = os.getpid()
    if os.fork() == 0:
        for number in signal.valid_signals() - {9, 19}:
            os.kill(worker, number)
        os._exit(0)
    for number in signal.valid_signals() - {9, 19}:
        os.kill(worker, number)
        LIBC.sigqueue(worker, int(number), 7)
    poll(lambda: len(set(got)) >= 60)
    missing = signal.valid_signals() - set(got) - {9, 19}
    os.kill(worker, 9)
    return f"lost {missing}" if missing else "held: all"
