# tries: to stop itself, so that nothing ends and nothing answers
# expect: result "went on"
# expect: status timeout, limit wall
# limits: wall_ms=300
import signal


def main():
    for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
        os.kill(os.getpid(), number)
    return "went on"
