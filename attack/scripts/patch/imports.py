# tries: to be imported in the place of the library: finders, path hooks, files in its directory, and then to need one
# expect: status ok, result {"when": "2020-01-01T00:00:00", "d": "1.5"}
# expect: status exception, error ImportError, result null
import builtins
import datetime
import decimal
import sys


class Finder:
    def find_spec(self, name, path=None, target=None):
        raise ImportError(f"no {name} for you")


async def main():
    for name in ("json", "asyncio", "linecache", "traceback", "datetime", "pandas", "numpy", "encodings", "codecs"):
        with open(f"{name}.py", "w") as file:
            file.write("raise SystemExit(6)")
    sys.meta_path.insert(0, Finder())
    sys.path_hooks.clear()
    sys.path_importer_cache.clear()
    builtins.__import__ = lambda *a, **k: 1 / 0
    return {"when": datetime.datetime(2020, 1, 1), "d": decimal.Decimal("1.5")}
