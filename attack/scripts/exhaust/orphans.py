# tries: to fill its processes with orphans by C's fork, which nobody counts, and to have the worker wait for its own children instead
# expect: status ok, result [7, 7, 7]
# limits: processes=16
import subprocess


def main():
    own = []
    for _ in range(3):
        own.append(os.fork())
        if own[-1] == 0:
            os._exit(7)
    for _ in range(12):
        child = LIBC.fork()
        if child == 0:
            LIBC.fork()
            os._exit(0)
        try:
            subprocess.run(["true"])
        except OSError:
            pass
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in own]


# --- then
# expect: status timeout, limit wall|cpu
# expect: status exception, limit processes
# expect: status exception, error BlockingIOError
# limits: processes=16 wall_ms=1000
def main():
    import subprocess

    os.waitid = None
    while True:
        subprocess.Popen("true & true & true & true &", shell=True)
