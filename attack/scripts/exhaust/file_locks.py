# tries: to slow down the kernel with hundreds of thousands of locks, which it searches, and releases at the end
# expect: status ok
# expect: status timeout, limit wall
# expect: status memory_limit
# expect: held ENOLCK|EPERM
# limits: wall_ms=400
# within: 8000
import fcntl


def main():
    files = [open(f"locked{n}", "w") for n in range(200)]
    try:
        for at in range(10_000, 0, -2):  # each before the others, so that they do not become one
            for file in files:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at)
    except OSError as e:
        return f"held: {name_of(e.errno)}"
