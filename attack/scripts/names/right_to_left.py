# tries: characters that reverse the text, so that a reader sees other code than runs
# expect: refused syntax_error
# replace: @RLO@ "\u202e\u2066" 1
def main():
    x@RLO@ = 1
    return x
# --- then
# expect: status exception, error KeyError, line 5, message contains "live"
# replace: @RLO@ "\u202e" 1
def main():
    return {}["@RLO@ live"]
