# tries: the other gate of 32-bit programs, sysenter, from 64-bit code
# expect: held ENOSYS|EPERM|SIGSEGV|SIGSYS|SIGILL|SIGBUS|SIGTRAP|ENOEXEC
import mmap
import signal


def gate():
    code = mmap.mmap(-1, 4096, prot=7)
    code.write(b"\xb8\x14\x00\x00\x00\x0f\x34\xc3")  # mov eax, 20 (getpid); sysenter; ret
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()


def main():
    if not X86:
        return "held: ENOEXEC"
    said = in_child(gate)
    return f"held: {signal.Signals(int(said[6:])).name}" if said.startswith("died: ") else f"ESCAPED: {said}"
