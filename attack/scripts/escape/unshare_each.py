# tries: to make each kind of namespace, alone and all at once
# expect: held EPERM
KINDS = {
    "mnt": 0x00020000, "cgroup": 0x02000000, "uts": 0x04000000, "ipc": 0x08000000,
    "user": 0x10000000, "pid": 0x20000000, "net": 0x40000000, "time": 0x00000080,
}


def main():
    attempts = {kind: ["unshare", flag] for kind, flag in KINDS.items()}
    attempts["all"] = ["unshare", sum(KINDS.values())]
    attempts["user and mnt, with a high bit"] = ["unshare", KINDS["user"] | KINDS["mnt"] | 1 << 32]
    return in_child(lambda: refused(attempts))
