# tries: to outlive its answer as a daemon: two forks, sessions of their own, all signals ignored, all pipes open
# expect: result "done", stdout "", status ok
# within: 8000
import signal


def main():
    r, w = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in signal.valid_signals():
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            os.write(w, b"x")
            time.sleep(60)
            print("ESCAPED: a minute later")
        os._exit(0)
    os.read(r, 1)
    return "done"
