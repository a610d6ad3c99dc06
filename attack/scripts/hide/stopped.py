# tries: to survive the kill by being stopped, in a process group that nobody continues
# expect: result "done", status ok
# within: 8000
import signal


def main():
    pids = []
    for _ in range(5):
        pid = os.fork()
        if pid == 0:
            os.setsid()
            os.kill(os.getpid(), signal.SIGSTOP)
            print("ESCAPED: continued")
            time.sleep(60)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, os.WUNTRACED)
    return "done"
