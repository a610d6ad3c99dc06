# tries: to put modules of its own in the place of the worker's and of the library's, and to empty sys.modules
# expect: status ok, result [1, "two"]
import types


def main():
    for name in list(sys.modules):
        if name.startswith(("pyworker", "json", "traceback", "asyncio", "dataclasses", "enum", "datetime", "decimal", "numpy", "pandas")):
            sys.modules[name] = types.ModuleType(name)
    sys.modules["pyworker.frames"].encode = sys.modules.get
    sys.modules.clear()
    return [1, "two"]
