# tries: what its device nodes really are: their numbers, and that no other can be reached through them
# expect: held
import stat


def main():
    wanted = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}
    for name in os.listdir("/dev"):
        status = os.lstat(f"/dev/{name}")
        if stat.S_ISBLK(status.st_mode) or stat.S_ISCHR(status.st_mode):
            if wanted.get(name) != (os.major(status.st_rdev), os.minor(status.st_rdev)):
                return f"ESCAPED: /dev/{name} is {os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
    return "held: " + " ".join(sorted(os.listdir("/dev")))
