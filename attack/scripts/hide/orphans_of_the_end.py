# tries: to keep forking while it is killed: every process forks twice before it can be found
# limits: wall_ms=400
# within: 8000
# expect: status timeout, limit wall|cpu
import signal


def main():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
                if os.fork():
                    os._exit(0)
        except OSError:
            pass
