# tries: names of the maximum length, which are longer than any file's name once they are escaped
# request: {"collect": ["**"]}
# expect: status exception|output_limit, files none
# expect: status ok, not paths lines ".*[^/]{256}.*"
def main():
    for name in (":" * 255, "\u202e" * 85, "a" * 255, "?" * 250 + "x"):
        open(name, "w").close()
    os.makedirs("/".join([":" * 200] * 3))
    return "made"
