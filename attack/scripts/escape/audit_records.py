# tries: to fill the host's log: killing a call of another architecture would write a record there, at any rate
# expect: held ENOSYS|EPERM|ENOEXEC
import mmap


def main():
    if not X86:
        return "held: ENOEXEC"
    code = mmap.mmap(-1, 4096, prot=7)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid); int 0x80; ret
    gate = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    words = set()
    for _ in range(20):
        said = in_child(gate)
        if said.startswith("died: "):
            return f"ESCAPED: it is killed by signal {said[6:]}, which is a record"
        words.add(name_of(-int(said)))
    return "held: " + " ".join(sorted(words))
