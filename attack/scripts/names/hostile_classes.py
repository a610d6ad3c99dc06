# tries: a result whose class lies about itself: __class__, __repr__, __str__, __name__, __module__, __dict__
# expect: status not_json|exception|exited, result null
# limits: wall_ms=10000
class Meta(type):
    def __getattribute__(self, name):
        raise RuntimeError(name)


class Liar(metaclass=Meta):
    __class__ = property(lambda self: str)
    __dataclass_fields__ = {"x": None}
    __slots__ = ()

    def __getattr__(self, name):
        raise SystemExit(name)

    __repr__ = __str__ = __format__ = lambda self, *a: 1 / 0


def main():
    return [Liar()]
# --- then
# expect: status not_json, result null, message contains "$.rows[1]"
def main():
    return {"rows": [1, type("N" * 1_000_000 + "\n", (), {})()]}
