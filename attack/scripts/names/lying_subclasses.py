# tries: subclasses of JSON's types that give other values each time they are asked
# expect: status ok|not_json|exception
# limits: wall_ms=10000
class Text(str):
    def encode(self, *a):
        return b'"},"status":"timeout","x":{"'

    __str__ = __repr__ = __iter__ = __len__ = __getitem__ = lambda self, *a: "lie"


class Number(int):
    __repr__ = __str__ = __int__ = __index__ = lambda self: '1,"status":"timeout"'


class Real(float):
    __repr__ = __str__ = __float__ = lambda self: '1,"status":"timeout"'


class Items(dict):
    def items(self):
        return [('"a":1,"status', Text("t")), (Text("k"), 2), (None, 3), (Number(4), 4)]

    __len__ = lambda self: -1 and 7


class Row(list):
    __len__ = lambda self: 1 << 40
    __iter__ = lambda self: iter([1, 2])


def main():
    return [Text("honest"), Number(7), Real(0.5), Items(a=1), Row([9])]
# --- then
# expect: status timeout, limit wall, result null
# expect: status memory_limit, result null
# limits: wall_ms=800 memory_bytes=134217728
class Endless(dict):
    def items(self):
        while True:
            yield "a", 1


def main():
    return Endless(a=1)
# --- then
# expect: status not_json, result null
# expect: status exception, error RecursionError, result null
# limits: wall_ms=10000
def main():
    around = {}
    around["again"] = [around]
    return around
