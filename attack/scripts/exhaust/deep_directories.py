# tries: directories so deep that no path reaches them and that somebody has to clean up
# expect: result "deep"
# expect: status memory_limit
# limits: wall_ms=30000
# within: 30000
def main():
    for _ in range(2000):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    with open("bottom", "w") as file:
        file.write("x")
    os.chmod(".", 0)
    return "deep"
