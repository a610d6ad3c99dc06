# tries: directories so deep that no path reaches them and that somebody has to clean up
# expect: result "deep"
# expect: status memory_limit
# limits: wall_ms=20000
# within: 20000
def main():
    for _ in range(5000):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    with open("bottom", "w") as file:
        file.write("x")
    os.chmod(".", 0)
    return "deep"
