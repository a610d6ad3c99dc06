# tries: to write to, evict or look into memory that all cells have from their zygote: an object, code and data of libc
# expect: held EINVAL|ENOSYS
def main():
    code = ctypes.cast(LIBC.l64a, ctypes.c_void_p).value
    data = ctypes.addressof(ctypes.c_char.in_dll(LIBC, "program_invocation_name"))
    pages = {"an object": id(None), "code": code, "data": data}
    for at in (code, id(main)):
        LIBC.mprotect(ctypes.c_void_p(at & ~4095), 8192, 7)
    ctypes.memmove(code, b"left", 4)  # in its own copy of the page
    vector = ctypes.create_string_buffer(16)
    tries = {}
    for name, at in pages.items():
        page = ctypes.c_void_p(at & ~4095)
        tries[f"mincore of {name}"] = ["mincore", page, 4096, vector]
        for advice in (9, 20, 21, 22, 23, 25):  # REMOVE, COLD, PAGEOUT, POPULATE_READ, POPULATE_WRITE, COLLAPSE
            tries[f"advice {advice} for {name}"] = ["madvise", page, 4096, advice]
    return refused(tries)


# --- then
# expect: result false
def main():
    return ctypes.string_at(ctypes.cast(LIBC.l64a, ctypes.c_void_p).value, 4) == b"left"
