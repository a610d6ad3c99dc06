"""The script's module, and the file that it comes from.

The module is in sys.modules by its own name and as __main__, and its source is a file,
as with `python script.py`: what unittest, doctest, pickle and inspect look for is there.
"""

import builtins
import contextlib
import gc
import importlib.machinery
import io
import linecache
import os
import stat
import sys
import types
import warnings
from typing import Any

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

NAME, MAIN = "script", "__main__"
WORK, DIRECTORY = "/box/work", "/box/script"
FILE = f"{DIRECTORY}/script.py"

_SLASH = f"{os.path.dirname(WORK)}/"
_LOADERS = (
    (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
    (importlib.machinery.SourceFileLoader, importlib.machinery.SOURCE_SUFFIXES),
    (importlib.machinery.SourcelessFileLoader, importlib.machinery.BYTECODE_SUFFIXES),
)
_make_module, _make_loader = types.ModuleType, importlib.machinery.SourceFileLoader
_ARCHIVES = (  # members before what they are in
    ("gzip", "GzipFile"), ("bz2", "BZ2File"), ("lzma", "LZMAFile"), ("zipfile", "_ZipWriteFile"), ("zipfile", "ZipFile")
)  # fmt: skip
_cache, _modules = linecache.cache, sys.modules
_open, _chmod, _unlink = open, os.chmod, os.unlink
_write, _close, _truncate, _fstat, _is_regular = os.write, os.close, os.ftruncate, os.fstat, stat.S_ISREG
_collect_garbage, _objects = gc.collect, gc.get_objects
_Text, _Raw, _BUFFERS = io.TextIOWrapper, io.FileIO, (io.BufferedWriter, io.BufferedRandom)
_buffer_of = vars(io.TextIOWrapper)["buffer"].__get__
_raw_of = {kind: vars(kind)["raw"].__get__ for kind in _BUFFERS}
_flush_of = {kind: kind.flush for kind in (*_BUFFERS, io.TextIOWrapper)}
_FLUSHED = [id(kind) for kind in _flush_of]
_fileno = io.FileIO.fileno

_own_main = sys.modules[MAIN]  # of this interpreter
_module = _make_module(NAME)
_kept = False  # it is that of a session, for all of its calls
_fd = -1


class _Finder(importlib.machinery.FileFinder):
    """Finds modules in directories that change while a script runs.

    FileFinder lists a directory again when its time has changed, which is counted in
    steps of up to 10 ms: too coarse here, where a file may have been sent, or written
    by the script, just now.
    """

    def find_spec(self, fullname: str, target: Any = None) -> Any:
        self.invalidate_caches()
        return super().find_spec(fullname, target)


def _find(path: str) -> _Finder:
    if not path.startswith(_SLASH) or os.path.isfile(path):
        raise ImportError("not a directory of the cell's own disk", path=path)
    return _Finder(path, *_LOADERS)


def prepare() -> None:
    """Prepares what all cells share, once in the zygote: how modules are found, and which warnings show."""
    before = [getattr(hook, "__name__", "") for hook in sys.path_hooks].index("path_hook_for_FileFinder")
    sys.path_hooks.insert(before, _find)
    sys.path[:0] = [WORK, DIRECTORY]
    for path in (WORK, DIRECTORY):  # looked for before they are there
        sys.path_importer_cache.pop(path, None)
    warnings.filterwarnings("default", category=DeprecationWarning, module=rf"{NAME}\Z")


def take_file(fd: int) -> None:
    """Takes the script's file, which is empty, and whose directory is read-only; once in each cell."""
    global _fd
    _fd = fd


def put_beside(names: set[str]) -> None:
    """Makes files that were sent appear beside the script too, where Path(__file__).parent looks for them."""
    with contextlib.suppress(OSError):
        os.chmod(DIRECTORY, 0o755)
        for name in names:
            with contextlib.suppress(FileExistsError):  # script.py, or sent by a call before
                os.symlink(f"{WORK}/{name}", f"{DIRECTORY}/{name}")
        os.chmod(DIRECTORY, 0o555)


def file_of(call: int) -> str:
    """Returns the name of a call's source: 0 is a run, and the calls of a session count from 1."""
    return FILE if call < 2 else f"{DIRECTORY}/script-{call}.py"


def fill_file(source: str) -> None:
    """Writes the source into the script's file, the first time that it is called."""
    global _fd
    if _fd < 0:
        return
    fd, _fd = _fd, -1
    try:
        text = memoryview(source.encode())
        while text:
            text = text[_write(fd, text) :]
    except OSError:  # the disk is too small
        _truncate(fd, 0)
    _close(fd)


def remember(source: str, file: str = FILE) -> None:
    """Makes tracebacks show these lines, whatever has become of the file."""
    _cache[file] = (len(source), None, [f"{line}\n" for line in source.split("\n")], file)


def begin(name: str, source: str, call: int) -> dict[str, Any]:
    """Returns the names that the script sees. Those of a session stay from call to call, but for its file's."""
    global _module, _kept
    if not call or not _kept:
        _module, _kept = _make(name), call > 0
    _module.__dict__["__name__"] = name
    if call > 1:
        _module.__dict__["__file__"] = file_of(call)
        _add_file(source, call)
    _modules[NAME] = _modules[MAIN] = _module
    return _module.__dict__


def begin_program(source: str, call: int) -> dict[str, Any]:
    """Returns the names of a program: in a session they, and its file, are its own, and the names end with it."""
    if not call:
        return begin(MAIN, source, call)
    file = file_of(call)
    remember(source, file)
    if call > 1:
        _add_file(source, call)
    _modules[NAME] = _modules[MAIN] = made = _make(MAIN, file)
    return made.__dict__


def _add_file(source: str, call: int) -> None:
    """Writes a later call's source beside the first, and removes that of the call before."""
    try:
        _chmod(DIRECTORY, 0o755)
        try:
            if call > 2:
                _remove_file(call - 1)
            with _open(file_of(call), "x", encoding="utf-8", newline="") as out:
                out.write(source)
        finally:
            _chmod(DIRECTORY, 0o555)
    except OSError:  # the disk is full
        return


def _remove_file(call: int) -> None:
    try:
        _unlink(file_of(call))
    except OSError:  # the disk was full then
        return


def _make(name: str, file: str = FILE) -> types.ModuleType:
    made = _make_module(name)
    made.__dict__.update(__file__=file, __builtins__=builtins, __cached__=None, __loader__=_make_loader(name, file))
    return made


def forget() -> None:
    """Removes what a rehearsal leaves behind."""
    global _module, _kept
    _module, _kept = _make_module(NAME), False
    _modules.pop(NAME, None)
    _modules[MAIN] = _own_main
    _cache.pop(FILE, None)


def drop() -> None:
    """Drops the module, as the interpreter does at its end.

    Nothing of the worker may refer to the script's objects any more. So those that only
    the module had end: __del__ is called, and open files of every kind are closed. The
    collector takes them in any order, also a file before the archive that still has
    something for it. So text goes into archives first, these are closed then, and at
    last buffers go out.
    """
    if kinds := [id(vars(_modules[name]).get(kind)) for name, kind in _ARCHIVES if name in _modules]:
        _close_archives(kinds, _objects())
    flush()
    forget()
    _collect_garbage()


def _close_archives(kinds: list[int], things: list[Any]) -> None:
    """Closes archives, by the ids of their types: a type may have an __eq__ of its metaclass."""
    for thing in things:
        if type(thing) is _Text:
            try:
                if id(type(_buffer_of(thing))) in kinds:
                    _flush_of[_Text](thing)
            except BaseException:  # closed, detached, the disk is full
                continue
    for kind in kinds:
        for thing in things:
            if id(type(thing)) == kind:
                try:
                    thing.close()
                except BaseException:
                    continue


def flush() -> None:
    """Writes out what open files have in their buffers.

    Only regular files, and only of exactly these types: nothing here waits, and no code
    of the script is called.
    """
    for thing in _objects():
        kind = type(thing)
        if id(kind) in _FLUSHED:
            try:
                buffer = _buffer_of(thing) if kind is _Text else thing
                raw = _raw_of[type(buffer)](buffer)
                if type(raw) is _Raw and _is_regular(_fstat(_fileno(raw)).st_mode):
                    _flush_of[kind](thing)
            except BaseException:  # closed, detached, the disk is full
                continue
