"""Runs one script and determines how it ended.

Functions that are called after the script ran are bound before, so that a script that
replaces a builtin or a module's function still gets its true verdict.
"""

import ast
import asyncio
import builtins
import io
import json
import linecache
import signal
import sys
import types
from typing import Any

from pyworker import errors, outputs, results
from pyworker.errors import FILE, MODULE

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_PARTS = ("script", "args", "kwargs", "stdin")  # the parts of a RUN, in this order
_RECURSION = 4_000  # enough to convert what a script returned

_all_signals = signal.valid_signals()
_after = _all_signals  # which signals are blocked after the script
_mask_signals, _BLOCK, _SET = signal.pthread_sigmask, signal.SIG_BLOCK, signal.SIG_SETMASK
_vars = vars
_set_signal, _IGNORE = signal.signal, signal.SIG_IGN
_set_trace, _set_profile, _set_recursion_limit = sys.settrace, sys.setprofile, sys.setrecursionlimit
_allow_long_integers = sys.set_int_max_str_digits
_run_coroutine = asyncio.run
_describe, _error = errors.describe, errors.error
_default_digits, _default_recursion = sys.get_int_max_str_digits(), sys.getrecursionlimit()
_streams: tuple[Any, ...] = ()
_module = types.ModuleType(MODULE)


class Exit(BaseException):
    """The script asked to exit its process with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def open_stdin() -> None:
    stdin = io.BufferedReader(io.FileIO(0, closefd=False))
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(stdin, "utf-8", "surrogateescape")  # type: ignore[misc]


def open_streams() -> None:
    """Opens unbuffered standard streams, as python -u does: printed output survives however the process dies."""
    global _streams
    open_stdin()
    stdout, stderr = io.FileIO(1, "w", closefd=False), io.FileIO(2, "w", closefd=False)
    sys.stdout = sys.__stdout__ = io.TextIOWrapper(  # type: ignore[misc]
        stdout, "utf-8", "surrogateescape", write_through=True
    )
    sys.stderr = sys.__stderr__ = io.TextIOWrapper(  # type: ignore[misc]
        stderr, "utf-8", "backslashreplace", write_through=True
    )
    _streams = (sys.stdout, sys.stderr)


def parse(payload: bytes) -> dict[str, Any]:
    """Parses the payload of a RUN. Integers in its arguments keep every digit."""
    end = payload.index(b"\n") + 1
    request: dict[str, Any] = json.loads(payload[:end])
    rest = memoryview(payload)[end:]
    sizes = [request.pop(f"{name}_bytes", 0) for name in _PARTS]
    parts = {}
    for name, size in zip(_PARTS, sizes, strict=True):
        parts[name], rest = rest[:size], rest[size:]
    request["script"] = str(parts["script"], "utf-8")
    request["stdin"] = parts["stdin"]
    _allow_long_integers(0)
    for name in ("args", "kwargs"):
        if parts[name]:
            request[name] = json.loads(str(parts[name], "utf-8"))
    _allow_long_integers(_default_digits)
    return request


def payload(status: str, error: dict[str, Any] | None, value: bytes, limit: str = "result") -> bytes:
    """Returns the payload of a RESULT; limit applies to output_limit."""
    head = {"status": status, "error": error}
    if status == "output_limit":
        head["limit"] = limit
    return results.encode_plain(head) + b"\n" + value


def forget() -> None:
    """Removes what a rehearsal leaves behind."""
    sys.modules.pop(MODULE, None)
    linecache.cache.pop(FILE, None)
    _wake()
    _allow_long_integers(_default_digits)


def judge(request: dict[str, Any]) -> tuple[str, dict[str, Any] | None, bytes]:
    """Runs the script. Returns status, error, and the result as JSON. Raises Exit if the script exits."""
    source, call = request["script"], request.get("call", 0)
    needs_main = not call and not request.get("last_expression")
    file = FILE if call < 2 else f"script-{call}.py"
    last = None
    try:
        if needs_main:
            code = compile(source, file, "exec", dont_inherit=True)
        else:
            code, last = _split(source, file)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as refused:
        return "syntax_error", _describe(refused, file), b"null"
    names = _namespace(call)
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        before = names.get("main")
        exec(code, names)
        outcome = eval(last, names) if last else None
        main = names.get("main")
        if callable(main) and main is not before:
            last, outcome = None, main(*request.get("args", ()), **request.get("kwargs", {}))
        elif needs_main:
            _calm()
            return "no_main", None, b"null"
        if isinstance(outcome, types.CoroutineType):
            outcome = _run_coroutine(outcome)
        if last and outcome is not None and outputs.shows():
            outputs.result(outcome)
        _calm()
        try:
            return "ok", None, results.encode(outcome, request["result_bytes"], drain=last is None or not call)
        except results.NotJSON:
            if last is None:
                raise
            if not outputs.shows():
                outputs.result(outcome)
            return "ok", None, b"null"
    except SystemExit as wish:
        _calm()
        raise Exit(exit_code(vars(SystemExit)["code"].__get__(wish))) from None
    except results.TooLarge:
        return "output_limit", None, b"null"
    except results.NotJSON as refused:
        return "not_json", _error(refused.type_name, str(refused), "", None), b"null"
    except BaseException as raised:
        # A signal handler or another hook of the script may raise and interrupt this.
        # Each of these calls removes some of them. They are nested because handlers
        # run where a function begins and where a loop repeats.
        try:
            _hush()
        except BaseException:
            try:
                _hush()
            except BaseException:
                try:  # noqa: SIM105
                    _hush()
                except BaseException:
                    pass
        return "exception", _describe(raised, file), b"null"


def _split(source: str, file: str) -> tuple[Any, Any]:
    """Compiles a script and, separately, its last expression, which is the result if there is no main."""
    tree = ast.parse(source, file)
    last = None
    if tree.body and isinstance(end := tree.body[-1], ast.Expr):
        tree.body.pop()
        last = compile(ast.Expression(end.value), file, "eval", dont_inherit=True)
    return compile(tree, file, "exec", dont_inherit=True), last


def _namespace(call: int) -> dict[str, Any]:
    """Returns the names that the script sees: a module of its own, which persists through a session."""
    global _module, _after
    if call == 1:
        _after = _all_signals - {signal.SIGINT}  # a result that is computed while it is encoded can be interrupted
    if call > 1:
        _wake()
    else:
        _module = types.ModuleType(MODULE)
        _module.__file__ = FILE
        _module.__dict__["__builtins__"] = builtins  # the script's own: what it changes there, it finds there
    sys.modules[MODULE] = _module
    return _module.__dict__


def _wake() -> None:
    """Undoes _calm."""
    _mask_signals(_SET, ())
    _set_recursion_limit(_default_recursion)


def _calm() -> None:
    """Removes hooks that a script may have installed to run after it, and flushes its output."""
    _mask_signals(_BLOCK, _after)
    _set_trace(None)
    _set_profile(None)
    _set_recursion_limit(_RECURSION)
    _vars(sys).pop("tracebacklimit", None)
    for stream in (*_streams, sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue


def _hush() -> None:
    """Removes all signal handlers of the script, and calls _calm."""
    _mask_signals(_BLOCK, _all_signals)
    for number in _all_signals:
        try:
            _set_signal(number, _IGNORE)
        except (OSError, ValueError):  # SIGKILL, SIGSTOP
            continue
    _calm()


def exit_code(code: object) -> int:
    """Converts the code of a SystemExit as CPython does: a number, nothing, or text for stderr."""
    if code is None:
        return 0
    if issubclass(type(code), int):
        return int.__and__(code, 0xFF)  # type: ignore[operator]
    try:
        _streams[1].write(f"{code}\n")
    except BaseException:
        return 1
    return 1
