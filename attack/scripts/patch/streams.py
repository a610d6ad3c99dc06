# tries: streams of its own that raise, block and lie when the worker flushes them
# expect: status ok, result "flushed", stdout "before\n"
# limits: wall_ms=10000
class Stream:
    def __getattr__(self, name):
        raise KeyboardInterrupt(name)

    def flush(self):
        sys.exit(5)


def main():
    print("before")
    sys.stdout = sys.stderr = sys.stdin = Stream()
    sys.__stdout__ = sys.__stderr__ = sys.__stdin__ = None
    return "flushed"
