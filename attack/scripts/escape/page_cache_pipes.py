# tries: the calls by which pages of a read-only file end up in a pipe (dirty pipe, dirty frag), on a file of its own
# expect: held EPERM|ENOSYS
def main():
    with open("own", "wb") as file:
        file.write(b"unchanged" * 1000)
    os.chmod("own", 0o400)
    fd = os.open("own", os.O_RDONLY)
    read, write = os.pipe()
    os.write(write, b"x" * 4096)
    read2, write2 = os.pipe()
    buffer = ctypes.create_string_buffer(4096)
    vector = (ctypes.c_uint64 * 2)(ctypes.addressof(buffer), 4096)
    return refused({
        "splice": ["splice", fd, None, write2, None, 1, 0],
        "tee": ["tee", read, write2, 1, 0],
        "vmsplice": ["vmsplice", write2, ctypes.byref(vector), 1, 0],
    })
