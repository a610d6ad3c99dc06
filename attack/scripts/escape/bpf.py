# tries: to make a BPF map, and to load a program of two instructions
# expect: held EPERM|ENOSYS
def main():
    array = (ctypes.c_uint32 * 32)(2, 4, 8, 1)  # BPF_MAP_TYPE_ARRAY, key, value, entries
    code = (ctypes.c_uint64 * 2)(0x00000000000000B7, 0x0000000000000095)  # r0 = 0; exit
    licence = ctypes.create_string_buffer(b"GPL")
    program = (ctypes.c_uint64 * 18)(1 | 2 << 32, ctypes.addressof(code), ctypes.addressof(licence))
    return refused({
        "map": ["bpf", 0, ctypes.byref(array), 128],
        "program": ["bpf", 5, ctypes.byref(program), 144],
        "next id": ["bpf", 11, ctypes.byref(array), 128],
    })
