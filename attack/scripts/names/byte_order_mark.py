# tries: coding cookies that would make the worker read other code than was sent
# expect: status ok, result ["é", "+AOk-", "\\N{BULLET}"]
# raw: the cookie must stand in the first two lines

# vim: set fileencoding=utf-7 :
def main():
    return ["é", "+AOk-", r"\N{BULLET}"]
# --- then
# expect: refused syntax_error
# replace: @BOM@ "\ufeff" 3
def main():
    return 1
@BOM@
