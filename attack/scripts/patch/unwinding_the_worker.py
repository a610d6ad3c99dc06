# tries: to raise its way up through the worker's frames into the zygote's, by exceptions that resist being described
# expect: status exception, error Evil, not stderr contains "pyworker"
# limits: wall_ms=10000
class Meta(type):
    def __getattribute__(self, name):
        sys.exit(7)

    __instancecheck__ = __eq__ = __repr__ = lambda self, *a: sys.exit(8)
    __hash__ = type.__hash__


class Evil(Exception, metaclass=Meta):
    __traceback__ = __cause__ = __context__ = __notes__ = property(lambda self: sys.exit(10))

    def __str__(self):
        raise KeyboardInterrupt

    __repr__ = __str__


def main():
    raise Evil
# --- then
# expect: status exception, error Worse, not stderr contains "pyworker"
# limits: wall_ms=10000
class Text(str):
    __len__ = __getitem__ = __eq__ = __str__ = lambda self, *a: sys.exit(11)
    __hash__ = str.__hash__


class Worse(SyntaxError):
    def __init__(self):
        self.filename, self.lineno, self.text, self.msg, self.offset = __file__, "not a number", Text("t"), Text("m"), 10**30

    def __str__(self):
        return Text("worse")


def main():
    raise Worse
# --- then
# expect: status exited, exit 5, not stderr contains "pyworker"
# limits: wall_ms=10000
class Number(int):
    __and__ = __index__ = __int__ = lambda self, *a: 1 / 0


class Leave(SystemExit):
    code = property(lambda self: 1 / 0)


def main():
    raise Leave(Number(5))
