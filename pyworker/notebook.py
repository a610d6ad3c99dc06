"""Runs a script as a notebook's cell: by IPython's shell, or without IPython by a plain one.

Both show the last expression, await at the top level, and keep their names, their event
loop and what they have imported through a session. What fails to compile is an
exception like any other.
"""

import ast
import asyncio
import builtins
import importlib.util
import inspect
import re
import sys
from typing import Any

from pyworker import errors, frames, hooks, module, outputs, program, results, script

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_Judged = tuple[str, dict[str, Any] | None, frames.Octets]

_describe, _cut, _Exit, _exit_status = errors.describe, errors.cut, script.Exit, program.exit_status
_block, _calm, _hush, _remember = hooks.block, hooks.calm, hooks.hush, module.remember
_encode, _NotJSON, _TooLarge = results.encode, results.NotJSON, results.TooLarge
_type, _issubclass = type, issubclass
# Magics of notebooks that have no effect here: figures always come inline.
_no_magic = re.compile(r"^%(matplotlib|config|autosave|load_ext|reload_ext|autoreload)\b[^\n]*", re.MULTILINE)

_shell: Any = None
_tried = False  # to make the shell
_loop: Any = None


def prepare() -> None:
    """Makes the shell in the zygote if the profile preloads IPython; elsewhere it would slow every request down."""
    if "IPython.core.interactiveshell" in sys.modules:
        _make_shell(warm=True)


def _make_shell(warm: bool) -> None:
    """Makes IPython's shell, unless there is no IPython, or one that is made otherwise."""
    global _shell, _tried
    _tried = True
    if importlib.util.find_spec("IPython") is None:
        return
    try:
        from pyworker import shell

        _shell = shell.make(warm)
    except Exception as error:
        sys.stderr.write(f"hotcell: IPython cannot be used: {type(error).__name__}: {error}\n")


def judge(request: dict[str, Any]) -> _Judged:
    """Runs a cell. Returns status, error, and the result as JSON. Raises Exit if the script exits."""
    call = request.get("call", 0)
    file = module.file_of(call)
    source = request["script"]
    if call > 1:
        hooks.wake()
    if call == 1:
        hooks.leave_interrupts()
    names = module.begin(module.MAIN, source, call)
    try:
        value, error, text = _run(source, file, names)
        if error is None:
            _calm()
            return "ok", None, _result(value, request["result_bytes"])
    except BaseException as raised:
        error, text = raised, ""
    try:  # see hooks.hush
        _block()
        _hush()
    except BaseException:
        try:
            _hush()
        except BaseException:
            try:  # noqa: SIM105
                _hush()
            except BaseException:
                pass
    if _issubclass(_type(error), SystemExit):
        raise _Exit(_exit_status(error))
    _remember(source, file)
    said = _describe(error, file)
    if text:
        said["traceback"] = _cut(text)
    return "exception", said, b"null"


def _result(value: Any, most: int) -> frames.Octets:
    """Returns the last expression as JSON, or null: it has been shown. What can be read once is left alone."""
    try:
        return _encode(value, most, False)
    except (_NotJSON, _TooLarge):
        return b"null"


def _run(source: str, file: str, names: dict[str, Any]) -> tuple[Any, BaseException | None, str]:
    """Returns the last expression's value, the exception, and its traceback as a notebook shows it."""
    if not _tried:
        _make_shell(warm=False)
    if _shell is None:
        return _run_plainly(source, file, names), None, ""
    found: tuple[Any, BaseException | None, str] = _shell.run(source, file, sys.modules[module.MAIN])
    return found


def _run_plainly(source: str, file: str, names: dict[str, Any]) -> Any:
    source = _no_magic.sub("", source)
    _remember(source, file)
    tree = compile(source, file, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    last = None
    if tree.body and isinstance(end := tree.body[-1], ast.Expr):
        tree.body.pop()
        last = ast.Expression(end.value)
    _execute(tree, file, "exec", names)
    if last is None:
        return None
    value = _execute(last, file, "eval", names)
    if value is None or source.rstrip().endswith(";"):
        return None
    names["_"] = value
    outputs.result(value)
    return value


def _execute(tree: Any, file: str, how: str, names: dict[str, Any]) -> Any:
    global _loop
    code = compile(tree, file, how, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    value = eval(code, names)
    if not code.co_flags & inspect.CO_COROUTINE:
        return value
    if _loop is None:
        _loop = asyncio.new_event_loop()
        asyncio.set_event_loop(_loop)
    return _loop.run_until_complete(value)
