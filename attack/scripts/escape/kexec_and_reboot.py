# tries: to get as far as the checks of kexec and reboot, with harmless arguments
# expect: held EPERM|ENOSYS
def main():
    return refused({
        "kexec_load": ["kexec_load", 0, 1 << 20, 0, 0xDEAD0000],
        "kexec_file_load": ["kexec_file_load", -1, -1, 0, 0, 0x1000],
        "reboot": ["reboot", 0, 0, 0, 0],
    })
