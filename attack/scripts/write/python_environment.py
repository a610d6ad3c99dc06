# tries: to plant code where the next interpreter would find it: a .pth, sitecustomize, a .pyc, the worker itself
# expect: held EROFS|EACCES|EPERM|ENOENT
import importlib.util
import json
import site


def main():
    worker = [vars(m).get("__file__") for name, m in sys.modules.items() if name.startswith("pyworker") and m]
    files = [json.__file__, importlib.util.cache_from_source(json.__file__), os.__file__, sys.executable, *filter(None, worker)]
    attempts = {}
    for path in [p for p in files if os.path.exists(p)]:
        attempts |= {
            f"write {path}": lambda p=path: os.open(p, os.O_WRONLY),
            f"append {path}": lambda p=path: os.open(p, os.O_WRONLY | os.O_APPEND),
            f"truncate {path}": lambda p=path: os.truncate(p, 0),
            f"remove {path}": lambda p=path: os.unlink(p),
            f"rename {path}": lambda p=path: os.rename(p, p + ".old"),
            f"mode of {path}": lambda p=path: os.chmod(p, 0o777),
            f"time of {path}": lambda p=path: os.utime(p),
        }
    for directory in {*site.getsitepackages(), *[p for p in sys.path if p.startswith("/") and not p.startswith(("/box", "/tmp"))]}:
        for name in ("attack.pth", "sitecustomize.py", "usercustomize.py", "__pycache__/json.cpython-311.pyc"):
            attempts[f"plant {directory}/{name}"] = lambda p=f"{directory}/{name}": os.open(p, os.O_CREAT | os.O_WRONLY)
    return refused(attempts).replace("ENOTDIR", "ENOENT")
