# tries: to live on after each fault, by a handler that returns to where it came from, on a stack of its own
# expect: status timeout, limit wall|cpu
# expect: status killed, signal SIGSEGV
# limits: wall_ms=300
import faulthandler
import signal


def main():
    stack = ctypes.create_string_buffer(1 << 16)
    LIBC.sigaltstack(ctypes.byref((ctypes.c_uint64 * 3)(ctypes.addressof(stack), 0, 1 << 16)), None)
    signal.signal(signal.SIGSEGV, lambda *_: None)
    ctypes.memset(8, 0, 8)


# --- then
# expect: status killed, signal SIGSEGV|SIGBUS|SIGILL
# expect: status timeout, limit wall|cpu
# limits: wall_ms=300
import signal


def main():
    LIBC.sigaltstack(ctypes.byref((ctypes.c_uint64 * 3)(4096, 0, 1 << 16)), None)  # a stack that is not there
    signal.signal(signal.SIGSEGV, lambda *_: None)
    ctypes.memset(8, 0, 8)
