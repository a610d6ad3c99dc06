# tries: to keep the kernel busy with new programs, endlessly one after another in one process
# limits: wall_ms=500
# expect: status timeout, limit wall|cpu
def main():
    loop = "exec /bin/sh -c \"$0\" \"$0\""
    os.execv("/bin/sh", ["sh", "-c", loop, loop])
