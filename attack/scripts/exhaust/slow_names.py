# tries: names that are slow for the kernel to resolve: forty links, each to a path of thousands of elements
# limits: wall_ms=500
# within: 8000
# expect: status timeout, limit wall|cpu
def main():
    os.mkdir("d")
    os.symlink("d/" + "./" * 1900 + ".", "l0")
    for n in range(1, 38):
        os.symlink(f"l{n - 1}/" + "../d/" * 700 + f"../l{n - 1}", f"l{n}")
    for _ in range(8):
        if os.fork() == 0:
            break
    while True:
        try:
            os.stat("l37")
        except OSError:
            pass
