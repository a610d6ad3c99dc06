# tries: to write to, evict or look into memory that all cells have from their zygote: an object, code and data of libc
# expect: held EINVAL|ENOSYS
def main():
    code = ctypes.cast(LIBC.l64a, ctypes.c_void_p).value
    data = ctypes.addressof(ctypes.c_char.in_dll(LIBC, "program_invocation_name"))
    pages = {"an object": id(None), "code": code, "data": data}
    for at in (code, id(main)):
        LIBC.mprotect(ctypes.c_void_p(at & ~4095), 8192, 7)
    ctypes.memmove(code, b"left by a tenant", 16)  # in its own copy of the page
    vector = ctypes.create_string_buffer(16)
    tries = {}
    for name, at in pages.items():
        page = ctypes.c_void_p(at & ~4095)
        tries[f"mincore of {name}"] = ["mincore", page, 4096, vector]
        tries[f"another mapping of {name}"] = ["mremap", page, 0, 4096, 1]  # MREMAP_MAYMOVE
        for advice in (9, 20, 21, 22, 23, 25):  # REMOVE, COLD, PAGEOUT, POPULATE_READ, POPULATE_WRITE, COLLAPSE
            tries[f"advice {advice} for {name}"] = ["madvise", page, 4096, advice]
    return refused(tries)


# A page that grows shows what follows it in the file that is mapped.
# --- then
# expect: result false
def main():
    LIBC.mremap.restype = ctypes.c_void_p
    found = ctypes.string_at(LIBC.l64a, 16) == b"left by a tenant"
    page = ctypes.cast(ctypes.pythonapi.PyMarshal_WriteLongToFile, ctypes.c_void_p).value & ~4095
    grown = LIBC.mremap(ctypes.c_void_p(page), 4096, 512 << 20, 1)
    reader, writer = os.pipe()
    for offset in range(0, 512 << 20, 4096):
        if LIBC.write(writer, ctypes.c_void_p(grown + offset), 4096) != 4096:
            break
        found = found or b"left by a tenant" in os.read(reader, 4096)
    return found
