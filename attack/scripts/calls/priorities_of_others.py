# tries: the priorities of groups and of all processes of a user, to slow siblings or to learn of them, and input priorities
# expect: held EPERM|EINVAL|ESRCH|EACCES|ENOSYS
def main():
    attempts = {}
    for which in (1, 2, 3, -1, 1 << 32 | 2):  # PRIO_PGRP, PRIO_USER
        for who in (0, 1, os.getuid(), 20000, 65534):
            attempts[f"set {which} {who}"] = ["setpriority", which, who, 19]
            attempts[f"get {which} {who}"] = ["getpriority", which, who]
    for which in (1, 2, 3):
        for kind in (0, 1 << 13, 2 << 13 | 7, 3 << 13):
            attempts[f"input {which} {kind}"] = ["ioprio_set", which, 0, kind]
    return refused(attempts)
