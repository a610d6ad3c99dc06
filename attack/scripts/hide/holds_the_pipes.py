# tries: to delay the answer by children that keep every descriptor open, including the worker's channel
# expect: result "done", stdout "before\n", status ok
# within: 8000
import signal


def main():
    print("before")
    held = [os.dup(fd) for fd in (0, 1, 2, 3) for _ in range(50)]
    for n in range(20):
        if os.fork() == 0:
            os.setpgid(0, 0)
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            time.sleep(60)
    return "done"


# --- then
# expect: status exited, exit 3, stdout "before\n"
# within: 8000
def main():
    print("before")
    for n in range(20):
        if os.fork() == 0:
            time.sleep(60)
    os._exit(3)
