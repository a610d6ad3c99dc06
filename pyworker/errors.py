"""Describes how a script failed, for its answer.

Everything here may be called after the script ran, with an exception whose class is
made to break it.
"""

import builtins
import linecache
import traceback
from collections.abc import Iterator
from typing import Any

from pyworker import module

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_MAX_TEXT = 20_000  # maximum length of a traceback or a message, in characters
_MAX_LINE = 1_000  # and of the line of a syntax error
_MAX_CHAIN = 100  # exceptions that are causes, contexts, or in groups

_FILE, _MODULE, _MAIN = module.FILE, module.NAME, module.MAIN
_PREFIX = f'File "{module.DIRECTORY}/'
_sources: dict[str, Any] = linecache.cache
_format_exception = traceback.format_exception
_module_of, _name_of = (vars(type)[field].__get__ for field in ("__module__", "__qualname__"))
_set_module = type.__setattr__
_traceback_of, _cause_of, _context_of = (
    vars(BaseException)[field].__get__ for field in ("__traceback__", "__cause__", "__context__")
)
_set_traceback = vars(BaseException)["__traceback__"].__set__
_members_of = vars(BaseExceptionGroup)["exceptions"].__get__
_syntax = tuple(vars(SyntaxError)[field].__get__ for field in ("filename", "lineno", "offset", "text"))


def describe(raised: BaseException, file: str = _FILE, plain: bool = False) -> dict[str, Any]:
    """Returns the error of an answer. Its traceback begins in the script, which is file.

    plain leaves the paths as they are; otherwise the script is "script.py" in the traceback.
    """
    name = "Exception"
    try:
        name = _name(type(raised))
        found = _describe(raised, name, file)
        if not plain:
            found["traceback"] = found["traceback"].replace(_PREFIX, 'File "')
        return found
    except BaseException:  # raised by a class of the script that is made to break this
        return error(name, "<cannot be described>", "", None)


def begin_in_script(raised: BaseException, file: str = _FILE) -> Any:
    """Returns the traceback without the worker's own frames, and leaves it so."""
    first: Any = _traceback_of(raised)
    while first and first.tb_frame.f_code.co_filename != file:
        first = first.tb_next
    _set_traceback(raised, first)
    return first


def _name(kind: type) -> str:
    """Returns the name of a class, whatever its metaclass says."""
    name: str = _name_of(kind)
    where = _module_of(kind)
    return name if type(where) is not str or where in ("builtins", _MODULE, _MAIN) else f"{where}.{name}"


def _describe(raised: BaseException, name: str, file: str) -> dict[str, Any]:
    try:
        message = str.__str__(str(raised))  # ignoring overrides of a str subclass
    except BaseException:
        message = "<__str__ raised an exception>"
    first = at = begin_in_script(raised, file)
    line: int | None = None
    place: dict[str, Any] = {}
    while at:
        line = at.tb_lineno if at.tb_frame.f_code.co_filename == file else line
        at = at.tb_next
    if issubclass(type(raised), SyntaxError):
        where, number, column, text = (field(raised) for field in _syntax)
        if type(where) is str and where == file:
            line = _count(number)
            place = {"column": _count(column) or None, "text": _line(_line_of(file, line) if text is None else text)}
    renamed = []
    try:
        for kind in _kinds(raised):
            where = _module_of(kind)
            if type(where) is str and where == _MODULE:
                _set_module(kind, "__module__", _MAIN)  # so that it is `E: x`, as with python script.py
                renamed.append(kind)
        text = "".join(_format_exception(type(raised), raised, first))
    except BaseException:
        text = f"{name}: {message}\n"
    for kind in renamed:
        _set_module(kind, "__module__", _MODULE)
    return {**error(name, message, text, line), **place}


def _count(number: object) -> int | None:
    return number if type(number) is int and 0 <= number < 1 << 31 else None


def _line_of(file: str, number: int | None) -> object:
    """Returns a line of the source, for which the compiler looks in the file: later calls' is not there yet."""
    lines = _sources[file][2] if number and file in _sources else ()
    return lines[number - 1] if number and number <= len(lines) else None


def _line(text: object) -> str | None:
    return text.rstrip("\n")[:_MAX_LINE] if type(text) is str else None


def _kinds(raised: BaseException) -> Iterator[type]:
    """Yields the classes of an exception and of those that are shown with it."""
    todo: list[Any] = [raised]
    for _ in range(_MAX_CHAIN):
        if not todo:
            return
        one = todo.pop()
        if one is None:
            continue
        yield type(one)
        todo += (_cause_of(one), _context_of(one))
        if issubclass(type(one), BaseExceptionGroup):
            todo += _members_of(one)


def error(name: str, message: str, text: str, line: int | None) -> dict[str, Any]:
    return {"type": name[:200], "message": cut(message), "traceback": cut(text), "line": line}


def cut(text: str) -> str:
    if len(text) <= _MAX_TEXT:
        return text
    half = _MAX_TEXT // 2
    return f"{text[: half - 20]}\n[… cut …]\n{text[-half:]}"
