# tries: NUL in the source, in a string of it and between its lines
# expect: refused syntax_error|invalid_request
# replace: @NUL@ "\u0000" 1
def main():
    return "a@NUL@b"
# --- then
# expect: refused syntax_error|invalid_request
# replace: @NUL@ "\u0000" 100000
def main():
    return 1
@NUL@
