"""Files into and out of a cell's working directory.

The cell itself writes and reads them, as its own user, so that nothing else ever
opens a path that a tenant controls. Collecting follows no symbolic link and reads
only regular files; number, size and depth are checked before anything is read. The
script may change files even while this runs, so a file that disappears is left out,
and no more is read than was counted.
"""

import builtins
import errno
import fnmatch
import json
import os
import re
import stat
from collections.abc import Iterator
from typing import Any

from pyworker import frames, names

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_MAX_PATH = 4000  # bytes, less than PATH_MAX
_ANY = "**"
_open, _close, _readv, _stat, _fstat, _list_names, _fsencode = (
    os.open, os.close, os.readv, os.stat, os.fstat, os.listdir, os.fsencode
)  # fmt: skip
_compile, _translate = re.compile, fnmatch.translate
_Names, _TooLong, _portable = names.Names, names.TooLong, names.portable
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_REGULAR = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # opening a FIFO does not block
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ISREG, _ISDIR = stat.S_ISREG, stat.S_ISDIR
_GONE = (errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.ENXIO)

# The rest of a pattern below a directory: its elements, each a function that reports
# whether a name matches, or None for "**".
_Rest = tuple[Any, ...]


class OverLimit(Exception):
    """There is more to collect than the request allows."""


def store(payload: frames.Octets, root: str) -> str:
    """Writes the file of a FILE frame sent to the cell. Returns its name in root, or that of its directory there."""
    end = payload.index(b"\n")
    path = json.loads(payload[:end])["path"]
    full = os.path.join(root, path)
    try:
        os.makedirs(os.path.dirname(full), exist_ok=True)
        fd = _open(full, _WRITE, 0o644)
        try:
            if not _ISREG(_fstat(fd).st_mode):
                raise OSError(errno.ENXIO, "Not a regular file")
            view = memoryview(payload)[end + 1 :]
            while view:
                view = view[os.write(fd, view) :]
        finally:
            os.close(fd)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    top: str = path.partition("/")[0]
    return top


def collect(asked: dict[str, Any], root: str) -> Iterator[tuple[str, frames.Octets]]:
    """Yields the files that match a pattern, as (path, content). Raises OverLimit if there is too much."""
    patterns = {parse(pattern) for pattern in asked["patterns"]}
    found = list(walk(root, patterns, asked["max_depth"]))
    if len(found) > asked["max_files"]:
        raise OverLimit(f"{len(found)} files to collect, the maximum is {asked['max_files']}")
    total = sum(size for _, size in found)
    if total > asked["max_bytes"]:
        raise OverLimit(f"{total} bytes of files to collect, the maximum is {asked['max_bytes']}")
    given = _Names()
    try:
        sent = [(path, size, given.path(path)) for path, size in found]
    except _TooLong as name:
        raise OverLimit(f"file name too long: {str(name)[:100]}…") from None
    base = _open(root, _DIRECTORY)
    try:
        for path, size, portable_path in sent:
            content = _content(base, path, size)
            if content is not None:
                yield portable_path, content
    finally:
        _close(base)


def parse(pattern: str) -> _Rest:
    """Returns a pattern as walk takes it."""
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    return tuple(None if part == _ANY else _compile(_translate(part)).match for part in parts)


def _below(name: str, rests: set[_Rest]) -> set[_Rest]:
    """Returns the rests of the patterns that match name."""
    left = set()
    for rest in rests:
        at = 0
        while at < len(rest) and rest[at] is None:  # "**": any number of directories, including none
            left.add(rest[at:])
            at += 1
        if at < len(rest) and rest[at](name):
            left.add(rest[at + 1 :])
    return left


def walk(root: str, patterns: set[_Rest], max_depth: int) -> Iterator[tuple[str, int]]:
    """Yields the matching regular files with their sizes, ordered by name."""
    open_dirs: list[tuple[int, str, Iterator[str], set[_Rest]]] = []

    def enter(name: str, at: int | None, path: str, rests: set[_Rest]) -> None:
        fd = _open(name, _DIRECTORY, dir_fd=at)
        try:
            open_dirs.append((fd, path, iter(sorted(_list_names(fd))), rests))
        except BaseException:
            _close(fd)
            raise

    try:
        enter(root, None, "", patterns)
        while open_dirs:
            fd, path, names, rests = open_dirs[-1]
            name = next(names, None)
            if name is None:
                _close(fd)
                open_dirs.pop()
                continue
            left = _below(name, rests)
            if not left:
                continue
            full = f"{path}{name}"
            try:
                status = _stat(name, dir_fd=fd, follow_symlinks=False)
                if _ISREG(status.st_mode) and any(all(part is None for part in rest) for rest in left):
                    yield full, status.st_size
                elif _ISDIR(status.st_mode) and any(left):
                    if len(open_dirs) > max_depth or len(_fsencode(full)) > _MAX_PATH:
                        raise OverLimit(f"directory nested too deep: {_portable(full)[:100]}…")
                    enter(name, fd, f"{full}/", {rest for rest in left if rest})
            except OSError as error:
                if error.errno not in _GONE:
                    raise
    finally:
        for fd, *_ in open_dirs:
            _close(fd)


def _content(base: int, path: str, size: int) -> frames.Octets | None:
    """Returns at most size bytes of a regular file; None if it is no longer one."""
    try:
        fd = _open(path, _REGULAR, dir_fd=base)
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise
    try:
        if not _ISREG(_fstat(fd).st_mode):
            return None
        content, got = bytearray(size), 0
        with memoryview(content) as view:
            while got < size and (came := _readv(fd, [view[got:]])):
                got += came
        del content[got:]
        return content
    finally:
        _close(fd)
