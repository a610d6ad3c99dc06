# tries: to give its children another parent: by CLONE_PARENT, as a subreaper, by killing their parent
# expect: result "done", status ok
# within: 8000
import signal


def main():
    pid, error = call("clone", 0x8000 | 17, 0, 0, 0, 0)  # CLONE_PARENT: whoever waits for us gets its exit code
    if pid == 0:
        os._exit(7)
    call("prctl", 36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    for _ in range(5):
        if os.fork() == 0:
            call("prctl", 1, signal.SIGCONT, 0, 0, 0)  # PR_SET_PDEATHSIG
            call("prctl", 36, 1, 0, 0, 0)
            if os.fork() == 0:
                time.sleep(60)
            os._exit(8)
    time.sleep(0.1)
    return "done"
