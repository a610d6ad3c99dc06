"""The standard streams of a script."""

import builtins
import io
import sys
from typing import Any

from pyworker import printing

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_streams: tuple[Any, ...] = ()
_flush_log = printing.flush


def open_stdin() -> None:
    raw = io.FileIO(0, closefd=False)
    raw.name = "<stdin>"
    sys.stdin = sys.__stdin__ = _text(io.BufferedReader(raw), "r", "surrogateescape")  # type: ignore[misc]


def open_all(print_through: bool) -> str:
    """Opens standard streams whose output survives however the process dies.

    Returns why each print is a system call, if so.
    """
    global _streams
    open_stdin()
    stdout, stderr = io.FileIO(1, "w", closefd=False), io.FileIO(2, "w", closefd=False)
    stdout.name, stderr.name = "<stdout>", "<stderr>"
    sys.stdout = sys.__stdout__ = _text(stdout, "w", "surrogateescape")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _text(stderr, "w", "backslashreplace")  # type: ignore[misc]
    _streams = (sys.stdout, sys.stderr)
    return "the setting no_shortcuts" if print_through else printing.prepare(stdout)


def _text(buffer: Any, mode: str, errors: str) -> io.TextIOWrapper:
    stream = io.TextIOWrapper(buffer, "utf-8", errors, write_through=mode == "w")
    stream.mode = mode  # type: ignore[misc]
    return stream


def flush() -> bool:
    """Flushes the script's output, and reports whether what it has in sys.stdout could be."""
    flushed = True
    for stream in (*_streams, sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            flushed = False
    try:
        _flush_log()  # the script may have replaced what leads to it
    except BaseException:
        flushed = False
    return flushed


def complain(text: str) -> None:
    """Writes to stderr, whatever the script has done to sys.stderr."""
    _streams[1].write(text)
