# tries: names that lose their end elsewhere and so become others: trailing dots and spaces, also of directories
# request: {"collect": ["**"]}
# expect: status ok|exception|output_limit, not paths lines ".*[. ]", not paths lines ".*[. ]/.*"
def main():
    os.mkdir("d. ")
    os.mkdir(".. ")
    for path in ("a.", "b ", "c. . .", "d. /x", ".. /y", "...", "e.txt."):
        open(path, "w").close()
    return "made"
