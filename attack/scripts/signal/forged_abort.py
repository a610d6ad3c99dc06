# tries: to unshare by the number that ends a cell as abort does: with high bits, as one flag of several, past a handler
# expect: held EPERM
import signal


def main():
    signal.signal(signal.SIGSYS, lambda *_: None)
    LIBC.signal(signal.SIGSYS, ctypes.c_void_p(1))  # the kernel ignores that it is ignored
    said = in_child(lambda: call("unshare", 6))
    if said != f"died: {signal.SIGSYS.value}":
        return f"ESCAPED: in a child, unshare gave {said}"
    flags = (0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
    return refused({f"{flag | high | 6:#x}": ["unshare", flag | high | 6] for flag in flags for high in (0, 1 << 32)})


# --- then
# expect: status killed, signal SIGABRT
def main():
    call("unshare", 6)
    return "ESCAPED: it lived on"


# --- then
# expect: status killed, signal SIGABRT|SIGSEGV
# expect: status timeout, limit wall|cpu
# limits: wall_ms=1000
def main():
    for number in (6, 31, 11):
        LIBC.signal(number, LIBC.getpid)  # returns, again and again
    LIBC.abort()
    return "ESCAPED: it lived on"
