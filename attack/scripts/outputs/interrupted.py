# tries: to leave half of an output in the channel: signal handlers that raise while large outputs are sent
# request: {"display": true}
# limits: wall_ms=10000
# expect: status ok, result "whole"
# expect: status output_limit, limit outputs
# expect: status exception, error Now
import signal


class Now(Exception):
    pass


def main():
    def handler(*_):
        raise Now

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    for n in range(60):
        try:
            display({"image/png": b"x" * 60_000}, raw=True)
        except Now:
            pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    return "whole"


# --- then
# request: {"display": true}
# limits: wall_ms=10000
# expect: status ok, result "whole"
# expect: status output_limit, limit outputs
import signal


def main():
    def handler(*_):
        try:
            display("from a handler")
        except RuntimeError:
            pass

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    for n in range(40):
        display({"image/png": b"x" * 60_000}, raw=True)
    signal.setitimer(signal.ITIMER_REAL, 0)
    return "whole"
