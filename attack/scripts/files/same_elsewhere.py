# tries: names that are the same file where case or composition does not count, so that one overwrites the other
# request: {"collect": ["**"]}
# expect: status exception|output_limit
# expect: status ok, not paths folded
def main():
    os.mkdir("Dir")
    os.mkdir("dir")
    for n, name in enumerate(("A.txt", "a.TXT", "caf\u00e9", "cafe\u0301", "Dir/x", "dir/X", "\u212a", "k", "stra\u00dfe", "STRASSE")):
        with open(name, "w") as file:
            file.write(str(n))
    return "made"
