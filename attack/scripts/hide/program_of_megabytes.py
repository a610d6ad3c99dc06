# tries: to be between two programs when its time is over: exec with megabytes of arguments, in all its processes
# limits: wall_ms=500 processes=24
# within: 8000
# expect: status timeout, limit wall|cpu
def main():
    for _ in range(15):
        if os.fork() == 0:
            break
    arguments = ["sh", "-c", 'exec /bin/sh -c "$0" "$0" "$@"', 'exec /bin/sh -c "$0" "$0" "$@"', *["x" * 100_000] * 15]
    os.execv("/bin/sh", arguments)
