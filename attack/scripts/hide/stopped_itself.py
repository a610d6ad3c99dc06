# tries: to be stopped when its time is over: by itself, by a child, with all threads
# limits: wall_ms=300
# within: 8000
# expect: status timeout, limit wall
import signal


def main():
    if os.fork() == 0:
        while True:
            os.kill(os.getppid(), signal.SIGSTOP)
            time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(60)
