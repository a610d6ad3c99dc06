# tries: the methods that the worker asks for simpler values, and the names and lengths beside them, made to lie, to recurse, to raise, to leave
# expect: status not_json, result null
# limits: wall_ms=10000
class Model:
    def model_dump(self):
        return self


def main():
    return {"model": Model()}


# --- then
# expect: status not_json, message contains "nested more than", result null
# limits: wall_ms=10000
class Model:
    def model_dump(self):
        return [Model()]


def main():
    return Model()


# --- then
# expect: status exception, error RecursionError, result null
# expect: status killed, signal SIGSEGV, result null
# limits: wall_ms=10000
class Table:
    def to_dicts(self):
        return self.to_dicts()


def main():
    return Table()


# --- then
# expect: status exception, error ValueError, message contains "mine"
# limits: wall_ms=10000
class Row:
    def _asdict(self):
        raise ValueError("mine")


def main():
    return [Row()]


# --- then
# expect: status exited, exit 7, result null
# limits: wall_ms=10000
class Row:
    def to_pylist(self):
        raise SystemExit(7)


def main():
    return [Row()]


# --- then
# expect: status timeout, limit wall, result null
# limits: wall_ms=500
# within: 8000
class Row:
    @property
    def _fields(self):
        time.sleep(60)

    def _asdict(self):
        return {}


def main():
    return Row()


# --- then
# expect: status not_json, result null
# limits: wall_ms=10000
class Anything:
    def __getattr__(self, name):
        return lambda *a, **k: {"status": "ok"}

    @property
    def __class__(self):
        return dict


def main():
    return {"any": Anything()}


# --- then
# expect: status not_json|exception, result null
# limits: wall_ms=10000
class Meta(type):
    __name__ = property(lambda cls: 1 / 0)
    __mro__ = property(lambda cls: 1 / 0)
    __dict__ = property(lambda cls: 1 / 0)

    def __getattribute__(cls, name):
        raise SystemError(name)

    def __instancecheck__(cls, one):
        return True

    def __subclasscheck__(cls, one):
        return True


class Anything(metaclass=Meta):
    __slots__ = ()


def main():
    return [Anything()]


# --- then
# expect: status not_json|exception, result null
# limits: wall_ms=10000
class Attrs:
    __attrs_attrs__ = iter(int, 1)


def main():
    return Attrs()
