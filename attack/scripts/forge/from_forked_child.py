# tries: to have a forked child return from main too, with a result of its own
# expect: status ok, result "parent"
def main():
    if os.fork() == 0:
        return "child"
    os.wait()
    return "parent"
# --- then
# expect: status ok, result "parent", stdout contains "child was here"
def main():
    if os.fork() == 0:
        print("child was here")
        raise SystemExit(5)
    return "parent" if os.waitstatus_to_exitcode(os.wait()[1]) == 5 else "the child did not exit"
