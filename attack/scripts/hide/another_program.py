# tries: to exec another program that answers nothing, sleeps, or exits successfully
# expect: status timeout, limit wall, stdout "before\n"
# limits: wall_ms=2000
def main():
    print("before")
    os.execv("/usr/bin/sleep", ["sleep", "60"])


# --- then
# expect: status exited, exit 0, stdout "after\n"
def main():
    os.set_inheritable(3, True)
    os.execv("/bin/sh", ["sh", "-c", "echo after"])
