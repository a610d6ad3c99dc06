# tries: to send a running sibling every signal, by every number that could mean it; SIGCONT crosses users within a session
# expect: result []
import signal

got = []


def main():
    for number in signal.valid_signals():
        try:
            signal.signal(number, lambda number, _: got.append(number))
        except (OSError, ValueError):
            pass
    end = time.monotonic() + 1.1
    while time.monotonic() < end:
        time.sleep(0.01)
    return got


# --- beside
# expect: result "sent"
import signal


def main():
    own = os.getpid()
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    for number in sorted(signal.valid_signals()):
        for pid in (0, -1, 1, *range(2, 50)):
            if number in (signal.SIGKILL, signal.SIGSTOP) and pid in (0, own):
                continue
            try:
                os.kill(pid, number)
            except OSError:
                pass
    return "sent"
