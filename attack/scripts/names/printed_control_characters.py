# tries: every control character, every mark of direction and both separators on its streams: they must come as they are
# expect: result "printed", stdout contains "\u0000\u0001\u001b[2J\u007f\u0080\u009f\u2028\u2029\u202e\ufeff\ufffe"
def main():
    print("\0\x01\x1b[2J\x7f\x80\x9f\u2028\u2029\u202e\ufeff\ufffe")
    return "printed"
