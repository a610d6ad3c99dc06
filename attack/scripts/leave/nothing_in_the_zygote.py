# tries: to change what later cells are copied from: bytecode caches, name caches, interned objects, the linker's, by running first
# expect: result "tried"
def main():
    import importlib
    importlib.invalidate_caches()
    sys.path_importer_cache.clear()
    sys.path.insert(0, "/tmp")
    sys.dont_write_bytecode = False
    sys.pycache_prefix = "/tmp/cache"
    with open("/tmp/json.py", "w") as file:
        file.write("left = True\n")
    LIBC.setlocale(6, b"C")
    LIBC.umask(0o777)
    LIBC.srand(7)
    return "tried"


# --- then
# expect: result [null, false, false, 18]
def main():
    import json
    old = os.umask(0o22)
    return [sys.pycache_prefix, hasattr(json, "left"), "/tmp" in sys.path, old]
