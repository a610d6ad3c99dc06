# tries: Unix sockets of other kinds than streams, by every name and with bits in the upper half, and listeners with long queues, which hold memory of the kernel's
# expect: held EPERM|EINVAL|EPROTONOSUPPORT
def main():
    attempts = {f"type {kind:#x}": ["socket", 1, kind, 0] for kind in (0, 2, 3, 4, 5, 6, 10, 0x80002, 0x802, 0x80805, 1 << 31 | 2)}
    attempts["a family with bits in the upper half"] = lambda: call("socket", ctypes.c_ulong(1 << 32 | 2), 1, 0)
    ear, error = call("socket", 1, 1, 0)
    if error:
        return refused(attempts)
    address = ctypes.create_string_buffer(b"\x01\x00\x00long")
    call("bind", ear, address, 7)
    for backlog in (129, 4096, 1 << 30, 1 << 31, 0xFFFFFFFF, -1, -(1 << 31)):
        attempts[f"a queue of {backlog}"] = ["listen", ear, backlog]
    return refused(attempts)
