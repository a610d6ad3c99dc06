# tries: to overflow the interpreter's stack, with the limit removed
# expect: status killed, signal SIGSEGV, result null
# expect: status exception, error RecursionError|MemoryError, result null
# expect: status memory_limit, result null
# limits: wall_ms=10000
def main():
    sys.setrecursionlimit(1 << 30)

    class Deep:
        def __getattr__(self, name):
            return getattr(self, name + "x")

        def __repr__(self):
            return repr([self])

    return repr(Deep())
# --- then
# expect: status ok, result [[[1]]]
def main():
    sys.setrecursionlimit(40)
    return [[[1]]]
