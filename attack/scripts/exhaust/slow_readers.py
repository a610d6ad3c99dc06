# tries: to slow down every read below a shared directory: the reader walks each watch on it
# machine: reads of the host's own programs are what becomes slow; it makes two hundred watches at most
# expect: held EPERM|EINVAL
import signal


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, {29, 40})
    where = os.path.dirname(os.__file__)
    for n in range(200):
        fd = os.open(where, os.O_RDONLY)
        call("fcntl", fd, 10, 40)
        value, error = call("fcntl", fd, 1026, 1 - (1 << 31))
        if error:
            return f"held: {error}" if n == 0 else f"ESCAPED: {n} watches"
    return "ESCAPED: two hundred watches"
