# tries: to become root, the neighbour's uid, or its own saved one, by every call that changes identity
# expect: held EPERM|ENOSYS
def main():
    own = os.getuid()
    attempts = {}
    for uid in (0, own + 1, own - 1, 20000, 65534, own):
        attempts |= {f"{name} {uid}": [name, *[uid] * count] for name, count in (
            ("setuid", 1), ("setgid", 1), ("setreuid", 2), ("setregid", 2), ("setresuid", 3), ("setresgid", 3))}
    group = ctypes.c_uint32(0)
    attempts["setgroups"] = ["setgroups", 1, ctypes.byref(group)]
    result = refused(attempts)
    for name in ("setfsuid", "setfsgid"):  # they tell no error, but the former value
        call(name, 0)
        if call(name, -1)[0] == 0:
            return f"ESCAPED: {name} 0"
    return result if os.getresuid() == (own, own, own) != (0, 0, 0) else f"ESCAPED: uids {os.getresuid()}"
