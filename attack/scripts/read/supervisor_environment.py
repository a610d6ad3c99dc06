# tries: to find the environment of those who started it, in its own and on the stack where the kernel puts it
# expect: held NOTHING
SECRETS = [a + b for a, b in (("HOT", "CELL_"), ("SU", "DO_"), ("AW", "S_"), ("SSH", "_AUTH"), ("GO", "PATH"), ("KUBER", "NETES_"), ("PASS", "WORD="), ("TOK", "EN="))]


def readable(address, size, pipe):
    """Memory as bytes, by a write that fails where there is none."""
    if LIBC.write(pipe[1], ctypes.c_void_p(address), size) != size:
        return None
    return os.read(pipe[0], size)


def main():
    own = SECRETS[0] + "MEMORY_BYTES"  # the cell's own limit
    for name in set(os.environ) - {own}:
        if any(secret in name + "=" for secret in SECRETS):
            return f"ESCAPED: {name} is in its environment"
    pipe, found = os.pipe(), b""
    block = ctypes.cast(ctypes.c_void_p.in_dll(LIBC, "environ"), ctypes.POINTER(ctypes.c_void_p))
    page = max((block[n] for n in range(len(os.environ)) if block[n]), default=0) & ~4095
    while page and (text := readable(page, 4096, pipe)) is not None and len(found) < 1 << 20:
        found, page = found + text, page + 4096
    if b"PATH=" not in found:
        return "the stack was not found"
    found = found.replace(own.encode(), b"")
    for secret in SECRETS:
        if secret.encode() in found:
            at = found.index(secret.encode())
            return f"ESCAPED: on the stack stands {found[at:at + 60]!r}"
    return "held: NOTHING"
