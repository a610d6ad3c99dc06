# tries: to get permission to use AMX, 8 KiB of registers that the kernel saves for each thread from then on
# expect: held EINVAL|EPERM|ENOSYS
def main():
    if not X86:
        return "held: ENOSYS"
    value = ctypes.c_uint64()
    return refused({
        "supported": ["arch_prctl", 0x1021, ctypes.byref(value)],
        "permitted": ["arch_prctl", 0x1022, ctypes.byref(value)],
        "XTILEDATA": ["arch_prctl", 0x1023, 18],
        "XTILECFG": ["arch_prctl", 0x1023, 17],
        "for guests": ["arch_prctl", 0x1025, 18],
    })
