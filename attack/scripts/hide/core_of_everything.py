# tries: to be slow to end by a core dump of much memory, of many processes at once
# limits: wall_ms=10000
# within: 8000
# expect: status killed, signal SIGQUIT|SIGSEGV|SIGABRT
import resource
import signal


def main():
    held = bytearray(b"x") * (64 << 20)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (ValueError, OSError):
        pass
    for _ in range(5):
        os.fork()
    signal.signal(signal.SIGABRT, signal.SIG_DFL)
    os.abort()
