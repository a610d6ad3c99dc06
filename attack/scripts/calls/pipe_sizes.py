# tries: to make pipes larger: their pages are counted by uid, and those of others become small when they are used up
# expect: held EPERM|EBADF
def main():
    r, w = os.pipe()
    attempts = {}
    for fd in (r, w, 1, 2):
        for size in (1 << 17, 1 << 20, 1 << 31):
            attempts[f"{fd} {size}"] = ["fcntl", fd, 1031, size]
    return refused(attempts)
