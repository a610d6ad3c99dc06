# tries: an error at the end of a line of 440,000 characters, which every traceback would show
# expect: status exception, error ZeroDivisionError, line 5, result null
# replace: @LONG@ "1 + " 110000
def main():
    return len("@LONG@") / 0
