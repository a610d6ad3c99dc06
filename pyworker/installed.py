"""The packages of an environment: all of them, and those that its operator asked for."""

import importlib.metadata
import os
import re
import sys
from collections.abc import Iterable

_WANTED = "hotcell-packages.txt"  # hotcell profile add writes it, and tools/requested
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def packages(preload: Iterable[str] = ()) -> tuple[dict[str, str], list[str]]:
    """Returns the versions of all packages by name, and the names of those that were asked for.

    Where no list of them is kept, they are those that no other package needs, and those
    that are preloaded.
    """
    versions: dict[str, str] = {}
    needed: set[str] = set()
    for found in importlib.metadata.distributions():
        about = found.metadata
        name = about["Name"]
        if not name:  # what an interrupted removal left
            continue
        versions[name] = about["Version"]
        for line in about.get_all("Requires-Dist") or ():
            other = _NAME.match(line)
            if other and "extra" not in line.partition(";")[2] and _plain(other[0]) != _plain(name):
                needed.add(_plain(other[0]))
    asked = _asked() or {name for name in map(_plain, versions) if name not in needed} | set(map(_plain, preload))
    return versions, sorted((name for name in versions if _plain(name) in asked), key=str.lower)


def _asked() -> set[str]:
    try:
        with open(os.path.join(sys.prefix, _WANTED), encoding="utf-8") as file:
            return {_plain(name[0]) for line in file if (name := _NAME.match(line))}
    except OSError:
        return set()


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
