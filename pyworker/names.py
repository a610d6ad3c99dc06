"""Names of collected files that mean the same wherever a client writes them.

On Linux a name is any sequence of bytes without NUL and slash. Elsewhere "C:x" is on
another drive, "a:b" a stream of a file, "NUL" a device, "a." is "a", and "A" may be "a".
Characters with another meaning are escaped as in URLs: "%" and two digits for each
byte. protocol/testdata/names.json is the table for this side and for the supervisor,
which rejects forged names.
"""

import builtins
import os
import re
import unicodedata

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

MAX_PATH, _MAX_NAME = 4096, 255  # bytes of UTF-8: PATH_MAX, which the supervisor enforces, and NAME_MAX

_fsencode, _normalize = os.fsencode, unicodedata.normalize
# Control characters, separators, invisible characters and those that change the
# direction of text, and (as surrogates) bytes that are not UTF-8.
_special = re.compile(
    "[\x00-\x1f\x7f-\x9f\\\\:\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
).sub
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_is_device = re.compile(
    r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|CLOCK\$|(COM|LPT)[0-9\xb9\xb2\xb3]) *(\.|$)", re.IGNORECASE | re.ASCII
).match


class TooLong(Exception):
    """The file has no portable name that is short enough."""


def _escape(text: str) -> str:
    return "".join([f"%{byte:02X}" for byte in _fsencode(text)])


def portable(name: str) -> str:
    """Returns a name for a file or directory that means the same on every system."""
    name = _special(lambda found: _escape(found[0]), name)
    if name[-1:] in (".", " "):  # Windows drops them
        name = name[:-1] + _escape(name[-1])
    return _escape(name[0]) + name[1:] if _is_device(name) else name


def _fold(name: str) -> str:
    """Returns the same string for names that case-insensitive or normalizing file systems consider equal."""
    return _normalize("NFD", _normalize("NFD", name).casefold())


class Names:
    """Makes portable paths, no two of which are equal on any file system. Raises TooLong if one does not fit."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}  # directory and name there, to the portable name
        self._taken: set[tuple[str, str]] = set()

    def path(self, path: str) -> str:
        """Returns the portable form of path, the same for each call."""
        found = ""
        for name in path.split("/"):
            given = self._given.get((found, name))
            if given is None:
                given = self._given[found, name] = self._free(found, name)
            found = f"{found}/{given}" if found else given
        if len(found.encode()) > MAX_PATH:
            raise TooLong(found)
        return found

    def _free(self, directory: str, name: str) -> str:
        """Returns a portable name that is free in the directory, escaping as many characters as needed."""
        plain = portable(name)
        for escaped in range(len(plain) + 1):
            given = _escape(plain[:escaped]) + plain[escaped:]
            if len(given.encode()) > _MAX_NAME:
                break
            if (directory, _fold(given)) not in self._taken:
                self._taken.add((directory, _fold(given)))
                return given
        raise TooLong(plain)
