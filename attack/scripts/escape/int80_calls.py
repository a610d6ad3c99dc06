# tries: the 32-bit calls of an x86_64 kernel, by int 0x80 in code of its own; the numbers mean other calls there
# expect: status killed, signal SIGSYS|SIGSEGV
# expect: held ENOEXEC|ENOSYS|EPERM
import mmap


def main():
    if not X86:
        return "held: ENOEXEC"  # another architecture has no such gate
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid); int 0x80; ret
    gate = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    got = gate()
    if got == os.getpid():
        return "ESCAPED: getpid of the 32-bit table answered"
    return f"held: {name_of(-got)}"
