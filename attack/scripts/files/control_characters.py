# tries: names with control characters of both sets, with escape sequences, with line breaks of Unicode's
# request: {"collect": ["**"]}
# expect: status exception|output_limit
# expect: status ok, files 9, not paths lines ".*[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029].*"
def main():
    for path in (b"a\x01b", b"c\nd", b"e\x1b[31mf", b"g\x7fh", "i\u0085j".encode(), "k\u009bl".encode(), "m\u2028n".encode(), "o\u2029p".encode(), b"q\rr"):
        open(path, "w").close()
    return "made"
