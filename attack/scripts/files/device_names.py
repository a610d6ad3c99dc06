# tries: names that are devices on Windows, in any case, with extensions, in directories, with digits of other alphabets
# request: {"collect": ["**"]}
# expect: status ok|exception|output_limit, not paths lines "NUL|nul\\.txt|con\\.tar\\.gz|COM1|com\u00b9|aux/file|Prn\\.|CONIN\\$|LPT9\\.x"
def main():
    os.mkdir("aux")
    for path in ("NUL", "nul.txt", "con.tar.gz", "COM1", "com\u00b9", "aux/file", "Prn.", "CONIN$", "LPT9.x"):
        open(path, "w").close()
    return "made"
