# tries: to make a user namespace, in which any user has every capability
# expect: held EPERM
CLONE_NEWUSER = 0x10000000


def main():
    def alone():
        return attempt("unshare", CLONE_NEWUSER)

    return in_child(alone)  # a process of one thread, as unshare wants it
