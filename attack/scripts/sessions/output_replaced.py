# session: what a call leaves in the place of its output stands there in the next
# tries: to have a later call's output come from a file, or go where the call before wants it
# expect: result "replaced", stdout "first\n"
def main():
    print("first")
    os.unlink("/box/etc/stdout")
    with open("/box/etc/stdout", "w") as file:
        file.write("forged\n")
    return "replaced"


# --- then
# expect: result "forged\n", stdout "second\n"
def main():
    print("second")
    with open("/dev/stdout") as file:
        return file.read()
