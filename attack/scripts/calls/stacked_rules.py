# tries: to stack Landlock rules of its own, which the kernel keeps and checks at each open, or to ask which version it has
# expect: held EPERM|ENOSYS
def main():
    attributes = (ctypes.c_uint64 * 4)(1, 0, 0)
    return refused({
        "the version": ["landlock_create_ruleset", None, 0, 1],
        "errata": ["landlock_create_ruleset", None, 0, 2],
        "rules": ["landlock_create_ruleset", ctypes.byref(attributes), 8, 0],
        "a rule": ["landlock_add_rule", 3, 1, ctypes.byref(attributes), 0],
        "restrict": ["landlock_restrict_self", 3, 0],
        "restrict, without a log": ["landlock_restrict_self", -1, 2],
    })
