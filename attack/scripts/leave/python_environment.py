# tries: to change the Python that all cells run: its packages, its bytecode, its worker, their names and modes
# limits: wall_ms=30000
# expect: held EROFS|EACCES|EPERM|ENOENT|EXDEV
import json
import pandas
import site


def main():
    worker = sys.modules["pyworker.script"].__file__
    attempts = {}
    for path in (json.__file__, json.__cached__, pandas.__file__, worker, sys.executable, "/usr/lib/python3/x"):
        folder = os.path.dirname(path)
        attempts |= {
            f"open {path}": lambda path=path: open(path, "r+b"),
            f"new in {folder}": lambda folder=folder: open(f"{folder}/new.py", "w"),
            f"chmod {path}": lambda path=path: os.chmod(path, 0o777),
            f"touch {path}": lambda path=path: os.utime(path),
            f"unlink {path}": lambda path=path: os.unlink(path),
            f"rename {folder}": lambda folder=folder: os.rename(folder, folder + ".old"),
            f"link {path}": lambda path=path: os.link(path, "/tmp/linked"),
            f"truncate {path}": lambda path=path: os.truncate(path, 0),
        }
    for folder in (*site.getsitepackages(), sys.prefix, "/", "/usr/bin", "/etc", "/dev"):
        attempts[f"new in {folder}"] = lambda folder=folder: open(f"{folder}/sitecustomize.py", "w")
        attempts[f"__pycache__ in {folder}"] = lambda folder=folder: os.makedirs(f"{folder}/__pycache__/x")
    return refused(attempts)
