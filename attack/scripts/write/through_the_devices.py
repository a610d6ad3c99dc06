# tries: to write to read-only devices: the random devices, which all of the host's programs use
# expect: held EACCES|EPERM|EROFS|EBADF|ONLY_MIXED
def main():
    words = set()
    for name in ("random", "urandom"):
        try:
            fd = os.open(f"/dev/{name}", os.O_WRONLY)
            os.write(fd, b"attack")
            words.add("ONLY_MIXED")  # any user may: it is mixed in, and nothing is counted as entropy
        except OSError as e:
            words.add(name_of(e.errno))
    for name in ("null", "zero", "full", "random", "urandom"):
        fd = os.open(f"/dev/{name}", os.O_RDONLY)
        words.add(refused({"truncate": lambda: os.truncate(f"/dev/{name}", 0), "space": lambda: os.posix_fallocate(fd, 0, 1)})[6:].split()[0])
    return "held: " + " ".join(sorted(words - {"EINVAL", "ENODEV"}) or ["EPERM"])
