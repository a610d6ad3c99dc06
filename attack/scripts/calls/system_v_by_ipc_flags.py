# tries: System V objects in huge pages or with another's key, and their tables, with every command
# expect: held EPERM|ENOSYS
def main():
    buffer = (ctypes.c_uint64 * 32)()
    attempts = {f"shmctl {command}": ["shmctl", 0, command, ctypes.byref(buffer)] for command in (0, 1, 2, 3, 11, 12, 13, 14, 15)}
    attempts |= {f"shmget {flags:o}": ["shmget", 0x5EC, 4096, flags] for flags in (0o1600, 0o5600, 0o11600, 0o600)}
    return refused(attempts)
