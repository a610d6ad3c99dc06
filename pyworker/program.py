"""Runs a script as `python script.py` does: mode "program".

The script's own code also runs at the end here: sys.excepthook, exit handlers, threads
that are waited for. Its limits apply to all of that, and what it does there changes
nothing but its own answer.
"""

import atexit
import builtins
import contextlib
import sys
import threading
from typing import Any

from pyworker import errors, hooks, module, streams, visit

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_FLUSH_FAILED = 120  # Py_RunMain in CPython's Modules/main.c
_INTERRUPTED = errors.error("Exception", "<interrupted while it was described>", "", None)

_join_threads = threading._shutdown  # type: ignore[attr-defined]
_run_exit_handlers = atexit._run_exitfuncs
_describe, _begin_in_script, _remember = errors.describe, errors.begin_in_script, module.remember
_show, _block, _hush, _complain = sys.__excepthook__, hooks.block, hooks.hush, streams.complain
_code_of = vars(SystemExit)["code"].__get__
_long = 1 << 63


def judge(request: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
    """Runs the script to its end. Returns its exit status, and the error if it is an uncaught exception."""
    status, error, call, ended = 1, None, request.get("call", 0), None
    if call > 1:
        hooks.wake()
    if call == 1:
        hooks.leave_interrupts()
    try:
        try:
            ended = visit.Visit() if call else None
            status, error = _run(request["script"], request.get("args", ()), call, ended)
        except BaseException as raised:  # a hook of the script interrupted its end
            error = _describe(raised)
    except BaseException:  # and the description
        error = _INTERRUPTED
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
    if ended:
        _end(ended)
    return status, error


def _end(ended: visit.Visit) -> None:
    """Ends a visit when no hook is left that could interrupt it."""
    with contextlib.suppress(BaseException):
        ended.end()
    _hush()  # what it met there of the script's own objects may have set hooks again


def _run(source: str, args: list[str], call: int, of_session: Any) -> tuple[int, dict[str, Any] | None]:
    sys.argv, file = ["script.py", *args], module.file_of(call)
    names: Any = module.begin_program(source, call)
    status, error, raised = 0, None, None
    try:
        exec(compile(source, file, "exec", dont_inherit=True), names)
    except BaseException as uncaught:
        raised = uncaught  # outside of this handler, so that it is no __context__ of what is raised later
    names = None
    if raised is not None and not issubclass(type(raised), SystemExit):
        _remember(source, file)
        error = _describe(raised, file, plain=True)
        status = _report(raised, file)
    elif raised is not None:
        status = exit_status(raised)
    raised = None
    try:
        of_session.join_threads() if of_session else _join_threads()
    except BaseException as late:
        _ignore(late, threading)
    of_session.run_exit_handlers(_ignore) if of_session else _run_exit_handlers()
    if not _flushed():
        status = _FLUSH_FAILED
    return status, error if status == 1 else None


def exit_status(wish: BaseException) -> int:
    """Converts a SystemExit to an exit status as CPython does: a number, nothing, or text for stderr."""
    code: Any = _code_of(wish)
    with contextlib.suppress(BaseException):
        code = wish.code  # type: ignore[attr-defined]
    if code is None:
        return 0
    if issubclass(type(code), int):
        number = int.__pos__(code)
        return number & 0xFF if -_long <= number < _long else 0xFF
    try:
        text = f"{code!s}\n"
        if vars(sys).get("stderr") is None:
            _complain(text)
        else:
            sys.stderr.write(text)
    except BaseException:
        return 1
    return 1


def _report(raised: BaseException, file: str) -> int:
    """Shows an uncaught exception as the script wants it shown. Returns the exit status."""
    trace, second = _begin_in_script(raised, file), None
    try:
        sys.excepthook(type(raised), raised, trace)
    except SystemExit as wish:
        return exit_status(wish)
    except BaseException as uncaught:
        second = uncaught
    if second is not None:
        sys.stderr.write("Error in sys.excepthook:\n")
        _show(type(second), second, _begin_in_script(second, file))
        sys.stderr.write("\nOriginal exception was:\n")
        _show(type(raised), raised, trace)
    return 1


def _flushed() -> bool:
    """Flushes what the script has as its streams, and reports whether that succeeded."""
    flushed = True
    for name in ("stdout", "stderr"):
        stream = vars(sys).get(name)
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException as raised:
            flushed = False
            if name == "stdout":
                _ignore(raised, stream)
    return flushed


def _ignore(raised: BaseException, where: object) -> None:
    try:
        sys.stderr.write(f"Exception ignored in: {where!r}\n")
        _show(type(raised), raised, _begin_in_script(raised))
    except BaseException:
        return
