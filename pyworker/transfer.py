"""The files of a session between its calls: lists, sends, writes and removes them.

The supervisor sends a TRANSFER or a PIECE and waits for the one frame that answers it, so
that neither side ever holds more than a piece, and a slow client keeps nobody waiting but
itself. As in files.py, the cell opens the files, as its own user; it follows no symbolic
link and reads only regular files, from the one descriptor that it opened.
"""

import builtins
import contextlib
import errno
import json
import os
import re
import stat
from typing import Any

from pyworker import files, frames, names, results

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_open, _close, _read, _write, _fstat, _stat = os.open, os.close, os.read, os.write, os.fstat, os.stat
_mkdir, _rename, _unlink, _list_names, _random = os.mkdir, os.rename, os.unlink, os.listdir, os.urandom
_fsencode, _fsdecode = os.fsencode, os.fsdecode
_ISREG, _ISDIR = stat.S_ISREG, stat.S_ISDIR
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_REGULAR = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OSError, _suppress = OSError, contextlib.suppress
_encode, _plain, _DONE, _PIECE = frames.encode, results.encode_plain, frames.DONE, frames.PIECE
_walk, _parse, _OverLimit = files.walk, files.parse, files.OverLimit
_Names, _TooLong, _portable = names.Names, names.TooLong, names.portable
_unescape = re.compile(rb"%([0-9A-F]{2})").sub
_from_hex, _parse_json = bytes.fromhex, json.loads
_ODD = (errno.ELOOP, errno.ENXIO, errno.ENOTDIR)
_KINDS = {
    errno.ENOENT: "not_found",
    errno.ENOSPC: "disk_full", errno.EDQUOT: "disk_full", errno.EFBIG: "disk_full",
}  # fmt: skip


class _Refused(Exception):
    """What was asked for cannot be done."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


_NO_FILE = "it is not a regular file"


class _Transfer:
    """The file that is being sent or written, if any."""

    def __init__(self) -> None:
        self.directory = self.file = -1
        self.name = self.part = ""  # where the content goes, and the name that it has until it is whole

    def end(self, whole: bool) -> None:
        """Closes the file. If it was written and is whole, it gets its name; otherwise it is removed."""
        directory, file, part, name = self.directory, self.file, self.part, self.name
        self.directory = self.file = -1
        self.name = self.part = ""
        try:
            if file >= 0:
                _close(file)
            if part and whole:
                try:
                    _rename(part, name, src_dir_fd=directory, dst_dir_fd=directory)
                except _OSError:
                    _unlink(part, dir_fd=directory)
                    raise
            elif part:
                _unlink(part, dir_fd=directory)
        finally:
            if directory >= 0:
                _close(directory)


_now = _Transfer()


def answer(kind: int, payload: frames.Octets, root: str) -> bytes:
    """Returns the frame that answers a TRANSFER or a PIECE."""
    try:
        if kind == _PIECE:
            _store(payload)
            return _encode(_DONE, b"{}")
        asked = _parse_json(payload)
        if asked["do"] == "more":
            return _encode(_PIECE, _read(_now.file, asked["bytes"]))
        done = _do(asked, root)
    except _Refused as refused:
        done = {"error": refused.kind, "message": refused.message}
    except _OSError as error:
        done = {"error": _KINDS.get(error.errno or 0, "failed"), "message": f"{error.strerror}"[:200]}
    except Exception as error:
        done = {"error": "failed", "message": type(error).__name__[:200]}
    return _encode(_DONE, _plain(done))


def _do(asked: dict[str, Any], root: str) -> dict[str, Any]:
    what = asked["do"]
    if what in ("end", "drop"):
        _now.end(what == "end")
        return {}
    _now.end(False)
    if what == "list":
        return _listing(asked, root)
    directory, name = _enter(root, asked["path"], what == "put")
    keep = False
    try:
        if what == "put":
            _begin(directory, name)
            keep = True
            return {}
        if what == "delete":
            if not _ISREG(_stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
                raise _Refused("failed", _NO_FILE)
            _unlink(name, dir_fd=directory)
            return {}
        return _send(directory, name)
    finally:
        if not keep:
            _close(directory)


def _listing(asked: dict[str, Any], root: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    given, size, more = _Names(), 0, False
    try:
        for path, file_bytes in _walk(root, {_parse(asked["pattern"])}, asked["max_depth"]):
            try:
                portable = given.path(path)
            except _TooLong:
                more = True
                continue
            size += len(_plain(portable)) + 64
            if len(found) == asked["max_files"] or size > asked["max_bytes"]:
                more = True
                break
            found.append({"path": portable, "bytes": file_bytes})
    except _OverLimit:  # nested too deep
        more = True
    return {"files": found, "more": more}


def _send(directory: int, name: str) -> dict[str, Any]:
    try:
        file = _open(name, _REGULAR, dir_fd=directory)
    except _OSError as error:
        if error.errno in _ODD:
            raise _Refused("failed", _NO_FILE) from None
        raise
    status = _fstat(file)
    if not _ISREG(status.st_mode):
        _close(file)
        raise _Refused("failed", _NO_FILE)
    _now.file = file
    return {"bytes": status.st_size}


def _begin(directory: int, name: str) -> None:
    """Begins to write a file under another name, so that nobody sees half of it."""
    try:
        if _ISDIR(_stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
            raise _Refused("failed", "it is a directory")
    except _OSError as error:
        if error.errno != errno.ENOENT:
            raise
    part = f".{_random(8).hex()}.part"
    _now.file = _open(part, _NEW, 0o644, dir_fd=directory)
    _now.directory, _now.name, _now.part = directory, name, part


def _store(content: frames.Octets) -> None:
    view = memoryview(content)
    while view:
        view = view[_write(_now.file, view) :]


def _enter(root: str, path: str, create: bool) -> tuple[int, str]:
    """Opens the directory of a file. Returns it, and the file's name there."""
    *parts, name = path.split("/")
    directory = _open(root, _DIRECTORY)
    try:
        for part in parts:
            if create:
                with _suppress(FileExistsError):
                    _mkdir(part, 0o755, dir_fd=directory)
            else:
                part = _known(directory, part)
            try:
                inner = _open(part, _DIRECTORY, dir_fd=directory)
            except _OSError as error:
                if error.errno in _ODD:
                    raise _Refused("failed", "a part of its path is not a directory") from None
                raise
            _close(directory)
            directory = inner
        return directory, name if create else _known(directory, name)
    except BaseException:
        _close(directory)
        raise


def _known(directory: int, name: str) -> str:
    """Returns the real name of what is listed as name: the same, unless it had to be escaped."""
    try:
        _stat(name, dir_fd=directory, follow_symlinks=False)
        return name
    except _OSError as error:
        if error.errno != errno.ENOENT or "%" not in name:
            return name
    plain = _fsdecode(_unescape(lambda found: _from_hex(found[1].decode()), _fsencode(name)))
    for other in sorted(_list_names(directory)):
        if other == plain or _portable(other) == name:
            return other
    return name
