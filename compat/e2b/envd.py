"""The calls of E2B's daemon. It runs in the sandbox, as its user: whoever asks could do all of it by code."""

import json
import os
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

_HOME = "/home/user"


def _place(path: str) -> str:
    return os.path.normpath(os.path.join(_HOME, path.replace("~", _HOME, 1) if path.startswith("~") else path))


def _entry(path: str) -> dict[str, Any]:
    is_at = os.lstat(path)
    kind = "DIRECTORY" if os.path.isdir(path) else "FILE"
    entry = {
        "name": os.path.basename(path),
        "type": "FILE_TYPE_" + kind,
        "path": path,
        "size": str(is_at.st_size),
        "mode": stat.S_IMODE(is_at.st_mode),
        "permissions": stat.filemode(is_at.st_mode),
        "owner": "user",
        "group": "user",
        "modifiedTime": datetime.fromtimestamp(is_at.st_mtime, UTC).isoformat().replace("+00:00", "Z"),
    }
    if stat.S_ISLNK(is_at.st_mode):
        entry["symlinkTarget"] = os.readlink(path)
    return entry


def _list(path: str, depth: int) -> list[dict[str, Any]]:
    found = []
    for name in sorted(os.listdir(path)):
        within = os.path.join(path, name)
        found.append(_entry(within))
        if depth > 1 and os.path.isdir(within) and not os.path.islink(within):
            found += _list(within, depth - 1)
    return found


def _start(asked: dict[str, Any]) -> int:
    sys.stdout.flush()
    command = [asked["cmd"], *asked.get("args", [])]
    return subprocess.call(
        command,
        cwd=_place(asked.get("cwd") or _HOME),
        env={**os.environ, **asked.get("envs", {})},
        stdin=subprocess.DEVNULL,
    )


def _do(call: str, asked: dict[str, Any]) -> dict[str, Any]:
    path = _place(asked.get("path", ""))
    if call == "Stat":
        return {"entry": _entry(path)}
    if call == "ListDir":
        return {"entries": _list(path, int(asked.get("depth", 1)) or 1)}
    if call == "MakeDir":
        os.makedirs(path)
        return {"entry": _entry(path)}
    if call == "Move":
        source, to = _place(asked["source"]), _place(asked["destination"])
        os.rename(source, to)
        return {"entry": _entry(to)}
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.remove(path)
    return {}


def main(call: str, request: str) -> Any:
    asked = json.loads(request)
    if call == "Start":
        return _start(asked)
    if call == "Unset":
        for name, value in asked.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        return None
    try:
        return {"answer": _do(call, asked)}
    except FileNotFoundError as error:
        return {"code": "not_found", "message": str(error)}
    except FileExistsError as error:
        return {"code": "already_exists", "message": str(error)}
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:  # a path with NUL, or no text
        return {"code": "invalid_argument", "message": str(error)}
