# tries: to spend its time while the result is encoded: in what main returned, with the streams replaced
# expect: status timeout, limit wall
# limits: wall_ms=300
class Slow(dict):
    def items(self):
        time.sleep(60)
        return ()

    __iter__ = keys = values = __len__ = items


def main():
    return Slow(a=1)


# --- then
# expect: status timeout, limit wall
# limits: wall_ms=300
class Slow:
    def flush(self):
        time.sleep(60)

    def __getattr__(self, name):
        time.sleep(60)


def main():
    sys.stdout = sys.stderr = Slow()
    return 1
