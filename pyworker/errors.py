"""Describes how a script failed, for its answer.

Everything here may be called after the script ran, with an exception whose class is
made to break it.
"""

import builtins
import traceback
from typing import Any

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

FILE = "script.py"
MODULE = "script"
_MAX_TEXT = 20_000  # maximum length of a traceback or a message, in characters

_format_exception = traceback.format_exception


def describe(raised: BaseException, file: str = FILE) -> dict[str, Any]:
    """Returns the error of an answer. Its traceback begins in the script, which is file."""
    name = "Exception"
    try:
        name = _name(type(raised))
        return _describe(raised, name, file)
    except BaseException:  # raised by a class of the script that is made to break this
        return error(name, "<cannot be described>", "", None)


def _name(kind: type) -> str:
    """Returns the name of a class, whatever its metaclass says."""
    name: str = vars(type)["__qualname__"].__get__(kind)
    module = vars(type)["__module__"].__get__(kind)
    return name if type(module) is not str or module in ("builtins", MODULE) else f"{module}.{name}"


def _describe(raised: BaseException, name: str, file: str) -> dict[str, Any]:
    try:
        message = str.__str__(str(raised))  # ignoring overrides of a str subclass
    except BaseException:
        message = "<__str__ raised an exception>"
    first: Any = vars(BaseException)["__traceback__"].__get__(raised)
    line = None
    while first and first.tb_frame.f_code.co_filename != file:
        first = first.tb_next
    at = first
    while at:
        line = at.tb_lineno if at.tb_frame.f_code.co_filename == file else line
        at = at.tb_next
    if issubclass(type(raised), SyntaxError):
        where, number = (vars(SyntaxError)[field].__get__(raised) for field in ("filename", "lineno"))
        if type(where) is str and where == file:
            line = number if type(number) is int and 0 <= number < 1 << 31 else None
    try:
        text = "".join(_format_exception(type(raised), raised, first))
    except BaseException:
        text = f"{name}: {message}\n"
    return error(name, message, text, line)


def error(name: str, message: str, text: str, line: int | None) -> dict[str, Any]:
    return {"type": name[:200], "message": _cut(message), "traceback": _cut(text), "line": line}


def _cut(text: str) -> str:
    if len(text) <= _MAX_TEXT:
        return text
    half = _MAX_TEXT // 2
    return f"{text[: half - 20]}\n[… cut …]\n{text[-half:]}"
