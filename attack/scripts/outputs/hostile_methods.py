# tries: _repr_*_ methods that raise, recurse, return what is no data, give another type on each call, and exit
# request: {"display": true}
# limits: wall_ms=10000
# expect: status ok, result "survived", outputs 3
def main():
    class Raises:
        def _repr_html_(self):
            raise ValueError("\x1b[31m" * 10000)

        def _repr_png_(self):
            return self._repr_png_()

        def _repr_json_(self):
            a = []
            a.append(a)
            return a

        def _repr_mimebundle_(self, **more):
            return {"text/html": object(), 7: 7, "Image/PNG": b"", "x" * 10**6: "y", "image/png": "\ud800", "text/plain": type("S", (str,), {"encode": 1})("fine")}

    class Strings(str):
        def encode(self, *a):
            raise SystemExit(9)

        __str__ = __len__ = __iter__ = encode

    class Lies:
        __class__ = property(lambda self: 1 / 0)

        def __repr__(self):
            return Strings("lie")

    display(Raises())
    display({"text/html": Strings("x"), "image/png": Strings("eA==")}, raw=True)
    display(Lies())
    return "survived"


# --- then
# request: {"display": true}
# limits: wall_ms=10000
# expect: status exited, exit 9, result null
def main():
    class Exits:
        def _repr_html_(self):
            raise SystemExit(9)

    display(Exits())


# --- then
# request: {"display": true}
# limits: wall_ms=2000 cpu_ms=60000
# expect: status timeout, limit wall, outputs 1
def main():
    class Endless:
        def __repr__(self):
            while True:
                pass

    display(1)
    display(Endless())


# --- then
# request: {"mode": "cell"}
# limits: wall_ms=10000
# expect: status ok, result null, outputs 1
class Odd:
    def _repr_html_(self):
        raise RecursionError

    def _repr_mimebundle_(self, include=None, exclude=None):
        raise MemoryError

    def _ipython_display_(self):
        raise NotImplementedError

    def __repr__(self):
        return "odd"


Odd()
