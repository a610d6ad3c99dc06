# tries: options of prctl that a script does not need and any process may set
# expect: held EPERM|EINVAL|ENOSYS
def main():
    attempts = {name: ["prctl", option, *arguments] for name, option, *arguments in (
        ("dumpable", 4, 1, 0, 0, 0), ("keep capabilities", 8, 1, 0, 0, 0), ("endian", 20, 0, 0, 0, 0), ("securebits", 28, 0, 0, 0, 0),
        ("child subreaper", 36, 1, 0, 0, 0), ("ambient capability", 47, 2, 21, 0, 0), ("ptracer", 0x59616D61, -1, 0, 0, 0),
        ("memory map", 35, 1, 0, 0, 0), ("another filter", 22, 2, 0, 0, 0), ("strict seccomp off", 22, 0, 0, 0, 0),
        ("no_new_privs off", 38, 0, 0, 0, 0), ("core scheduling", 62, 0, 0, 0, 0), ("speculation", 53, 0, 0, 0, 0),
        ("user dispatch", 59, 0, 0, 0, 0), ("flusher", 57, 1, 0, 0, 0),
        ("dumpable, with high bits", 1 << 32 | 4, 1, 0, 0, 0),
    )}
    result = refused(attempts)
    still = (call("prctl", 39, 0, 0, 0, 0)[0], call("prctl", 21, 0, 0, 0, 0)[0])
    return result if still == (1, 2) else f"ESCAPED: no_new_privs and seccomp are now {still}"
