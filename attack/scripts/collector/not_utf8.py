# tries: output that is not text: every byte, parts of characters, surrogates, NUL
# expect: status ok, result "x", stdout contains "\u0000\u0001\u0002", stdout contains "\ufffd", stderr contains "\ufffd"
def main():
    os.write(1, bytes(range(256)) + b"\xf0\x9f\x98")
    os.write(2, b"\xed\xa0\x80\xc0\x80\xff\xfe")
    return "x"
