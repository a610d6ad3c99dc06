# tries: to spin in C, with all signals blocked and ignored, where no Python code runs
# cgroup: processor time of what blocks all signals is measured by the cgroup
# expect: status timeout, limit cpu
# limits: cpu_ms=200 wall_ms=10000
# within: 8000
import re
import signal


def main():
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    return re.match("(a+)+b", "a" * 60)


# --- then
# expect: status timeout, limit cpu
# expect: status memory_limit
# limits: cpu_ms=200 wall_ms=10000
# within: 8000
def main():
    return len(str(7 ** (7 ** 9)))
