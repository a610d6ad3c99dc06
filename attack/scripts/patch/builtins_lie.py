# tries: to make every builtin lie, before the worker has turned the result into JSON
# expect: result {"a": [1, 2.5, null, true, "x"], "b": {}}
import builtins


def main():
    for name in dir(builtins):
        if name[0].islower() and name not in ("setattr",):
            setattr(builtins, name, lambda *a, **k: "a lie")
    return {"a": [1, 2.5, None, True, "x"], "b": {}}
