# tries: source nested deeper than a parser or a compiler can handle
# expect: refused syntax_error
# replace: @OPEN@ "(" 100000
def main():
    return @OPEN@1
# --- then
# expect: refused syntax_error
# expect: status killed, signal SIGSEGV
# expect: status exception, error RecursionError|MemoryError
# replace: @DOTS@ ".a" 200000
x = main@DOTS@
# --- then
# expect: refused syntax_error
# expect: status killed, signal SIGSEGV
# expect: status exception, error RecursionError|MemoryError
# replace: @MINUS@ "-" 300000
x = @MINUS@1
# --- then
# expect: refused syntax_error
# expect: status killed, signal SIGSEGV
# expect: status exception, error RecursionError|MemoryError
# replace: @IFS@ "lambda:" 50000
x = @IFS@1
# --- then
# expect: refused syntax_error
# expect: status killed, signal SIGSEGV
# expect: status exception, error RecursionError|MemoryError
# replace: @LISTS@ "[1]," 1
def main():
    import ast
    return eval("1" + "+1" * 100_000)
