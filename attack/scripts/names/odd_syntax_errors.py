# tries: SyntaxErrors of its own whose line is far away, negative, a text or a huge number
# expect: status exception, error SyntaxError, result null
def main():
    raise SyntaxError("x", (__file__, 10**30, -5, "text", 10**30, 7))
# --- then
# expect: status exception, error SyntaxError, result null
def main():
    raise SyntaxError("x", (__file__, "three", "four", b"text"))
# --- then
# expect: status exception, error SyntaxError, result null
def main():
    raise SyntaxError("x", (__file__, -7, 2**62, None))
# --- then
# expect: status exception, error IndentationError, line 3
def main():
    compile("if 1:\n\nx", __file__, "exec")
