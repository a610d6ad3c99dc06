# tries: the fixed vsyscall page, whose calls a filter sees only when the kernel emulates them
# expect: held TIME_ONLY|SIGSEGV|SIGSYS|ENOEXEC
import signal


def ask():
    gate = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p)(0xFFFFFFFFFF600400)  # time(2)
    return f"held: TIME_ONLY" if abs(gate(None) - time.time()) < 100 else "ESCAPED: the page answers something else"


def main():
    if not X86:
        return "held: ENOEXEC"
    said = in_child(ask)
    return f"held: {signal.Signals(int(said[6:])).name}" if said.startswith("died: ") else said
