# tries: to change its pipes while they are read: nonblocking, one page, a megabyte, asynchronous, locked
# expect: status ok, result "as before", stdout contains "still here"
# expect: status exception, error BlockingIOError, result null
# expect: status killed, signal SIGKILL, error none, result null
# limits: wall_ms=10000
import fcntl


def main():
    for fd in (1, 2, 3):
        for request, value in ((1031, 4096), (1031, 1 << 20), (1031, 1 << 30), (1031, 1), (fcntl.F_SETFL, os.O_NONBLOCK | os.O_ASYNC | os.O_APPEND),
                               (fcntl.F_SETOWN, os.getpid()), (10, 9),  # F_SETSIG: a kill by its own pipe, which process 1 ignores
                               (fcntl.F_NOTIFY, 1), (fcntl.F_SETLEASE, 1)):
            try:
                fcntl.fcntl(fd, request, value)
            except OSError:
                pass
    for _ in range(50):
        try:
            os.write(1, b"still here\n")
        except BlockingIOError:
            pass
    return "as before"
