# tries: unshare by int 0x80 in a child, which the parent reports
# expect: held SIGSYS|SIGSEGV
# expect: held ENOEXEC|ENOSYS|EPERM
import mmap
import signal


def gate():
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # push rbx; mov ebx, CLONE_NEWUSER; mov eax, 310 (unshare); int 0x80; pop rbx; ret
    code.write(b"\x53\xbb\x00\x00\x00\x10\xb8\x36\x01\x00\x00\xcd\x80\x5b\xc3")
    got = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
    return "ESCAPED: a user namespace by int 0x80" if got == 0 else f"held: {name_of(-got)}"


def main():
    if not X86:
        return "held: ENOEXEC"
    said = in_child(gate)
    return f"held: {signal.Signals(int(said[6:])).name}" if said.startswith("died: ") else said
