# tries: a tree so deep that its path exceeds the maximum length
# expect: status output_limit, limit files, files none
# request: {"collect": ["**"]}
def main():
    for _ in range(500):
        os.mkdir("d" * 100)
        os.chdir("d" * 100)
    open("file", "w").close()
    return "made"
