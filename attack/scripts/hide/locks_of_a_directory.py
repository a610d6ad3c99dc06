# tries: to deadlock in the kernel, where no signal helps: renames of two directories across each other, in many processes
# limits: wall_ms=700 processes=24
# within: 8000
# expect: status timeout, limit wall|cpu
def main():
    for name in ("a/x", "b/y"):
        os.makedirs(name)
    for n in range(15):
        if os.fork() == 0:
            break
    while True:
        for source, target in (("a/x", "b/y/x"), ("b/y", "a/x/y"), ("b/y/x", "a/x"), ("a/x/y", "b/y")):
            try:
                os.rename(source, target)
                os.listdir("a")
            except OSError:
                pass
