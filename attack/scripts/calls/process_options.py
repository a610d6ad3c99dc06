# tries: every option of prctl up to 100, with the arguments that most take: only what names a thread or tells of it may answer
# expect: held EPERM|EINVAL|ENOSYS|EFAULT|ENODEV
def main():
    harmless = {1, 2, 3, 7, 15, 16, 21, 23, 27, 29, 30, 39}  # death signal, dumpable?, names, seccomp?, bounding set?, timer slack, no_new_privs?
    attempts = {}
    for option in [n for n in range(101) if n not in harmless]:
        for arguments in ((1, 0, 0, 0), (0, 0, 0, 0), (2, 1, 0, 0)):
            attempts[f"{option} {arguments}"] = ["prctl", option, *arguments]
    for option in (0x41555856, 0x59616D61, 0x53564D41 + 1, 1 << 31):
        attempts[f"{option:#x}"] = ["prctl", option, 0, 0, 0, 0]
    return in_child(lambda: refused(attempts))
