# tries: arch_prctl beyond a thread's pointer: another one for GS, CPUID faults, shadow stacks, tagged addresses, 32-bit vdso
# expect: held EINVAL|EPERM|ENOSYS
def main():
    if not X86:
        return "held: ENOSYS"
    value = (ctypes.c_uint64 * 2)()
    codes = {"SET_GS": 0x1001, "GET_FS": 0x1003, "GET_GS": 0x1004, "GET_CPUID": 0x1011, "SET_CPUID": 0x1012, "MAP_VDSO_X32": 0x2001,
             "MAP_VDSO_32": 0x2002, "MAP_VDSO_64": 0x2003, "GET_UNTAG_MASK": 0x4001, "ENABLE_TAGGED_ADDR": 0x4002, "GET_MAX_TAG_BITS": 0x4003,
             "FORCE_TAGGED_SVA": 0x4004, "SHSTK_ENABLE": 0x5001, "SHSTK_DISABLE": 0x5002, "SHSTK_LOCK": 0x5003, "SHSTK_STATUS": 0x5005}
    attempts = {name: ["arch_prctl", code, ctypes.byref(value)] for name, code in codes.items()}
    attempts["SET_GS, high bits"] = ["arch_prctl", 1 << 32 | 0x1001, 0]
    return refused(attempts)
