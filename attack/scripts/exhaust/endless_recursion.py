# tries: unlimited recursion in Python, which uses memory
# cgroup: memory is limited by the cgroup
# expect: status memory_limit
# expect: status killed, signal SIGSEGV
# expect: status exception, error RecursionError|MemoryError
# limits: memory_bytes=67108864 wall_ms=10000
def main(n=0):
    sys.setrecursionlimit(2**31 - 1)
    return main(n + 1)


# --- then
# expect: status killed, signal SIGSEGV
# expect: status memory_limit
# expect: status exception, error RecursionError|MemoryError
# limits: memory_bytes=67108864 wall_ms=10000
class Endless:
    def __repr__(self):
        return repr(Endless())


def main():
    sys.setrecursionlimit(2**31 - 1)
    return repr(Endless())
