# tries: to leave an answer on the channel for the next call to find
# session: two calls
# expect: status ok, result "first"
def main():
    return "first"
# --- then
# expect: status ok, result "second"
def main():
    return "second"
# --- then
# expect: status ok
main()
