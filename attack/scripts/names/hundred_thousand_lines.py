# tries: 200,000 lines, and an error in the last of them
# expect: status exception, error ZeroDivisionError, result null
# limits: wall_ms=20000
# replace: @LINES@ "\n#" 200000
@LINES@
def main():
    return 1 / 0
