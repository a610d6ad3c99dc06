# tries: to end itself by a signal: the answer tells it, or, as process 1, nothing comes of it
# expect: held
# expect: status killed, signal SIGKILL
def main():
    os.kill(os.getpid(), 9)
    return "held: ignored"


# --- then
# expect: held
# expect: status killed, signal SIGTERM
def main():
    os.kill(os.getpid(), 15)
    return "held: ignored"


# --- then
# expect: status killed, signal SIGABRT|SIGSEGV|SIGILL
def main():
    os.abort()


# --- then
# expect: status killed, signal SIGSEGV|SIGBUS
# limits: wall_ms=10000
import signal


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    signal.signal(signal.SIGSEGV, signal.SIG_IGN)
    ctypes.memset(8, 0, 8)


# --- then
# expect: status killed, signal SIGFPE|SIGILL|SIGTRAP|SIGSEGV
import mmap


def main():
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\x0f\x0b" if X86 else b"\0\0\0\0")  # ud2; udf
    ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
