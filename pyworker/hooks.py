"""Removes hooks that a script may have installed to run after it.

A signal handler, a trace function or another hook may raise and interrupt whatever runs
after the script. Each call of hush removes some of them.
"""

import _signal  # type: ignore[import-not-found]
import builtins
import functools
import signal
import sys

from pyworker import streams

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_RECURSION = 4_000  # enough to convert what a script returned

_all_signals = signal.valid_signals()
_after = _all_signals  # which signals are blocked after the script
# Those of the module signal are functions in Python, which a handler interrupts where they begin.
_mask_signals, _BLOCK, _SET = _signal.pthread_sigmask, _signal.SIG_BLOCK, _signal.SIG_SETMASK
_set_signal, _IGNORE = _signal.signal, _signal.SIG_IGN
_set_trace, _set_profile, _set_recursion_limit = sys.settrace, sys.setprofile, sys.setrecursionlimit
_default_recursion = sys.getrecursionlimit()
_flush = streams.flush
block = functools.partial(_mask_signals, _BLOCK, _all_signals)


def leave_interrupts() -> None:
    """Lets a session's call be interrupted while its result, which may be computed then, is encoded."""
    global _after
    _after = _all_signals - {signal.SIGINT}


def wake() -> None:
    """Undoes calm."""
    _mask_signals(_SET, ())
    _set_recursion_limit(_default_recursion)


def calm() -> None:
    """Blocks signals, removes hooks of the interpreter, and flushes the script's output."""
    _mask_signals(_BLOCK, _after)
    _set_trace(None)
    _set_profile(None)
    _set_recursion_limit(_RECURSION)
    vars(sys).pop("tracebacklimit", None)
    _flush()


def hush() -> None:
    """Removes all signal handlers of the script, and calls calm.

    A hook may interrupt it, so that it must be called again. Handlers run where a function
    begins and where a loop repeats: a function that calls this three times, and a loop,
    would be interrupted itself, outside of its `try`. So each caller nests its calls.
    Before that it calls block itself: it is written in C and has done its work before a
    handler runs. Otherwise signals that come faster than their handler returns would
    interrupt each of the three calls where it begins.
    """
    block()
    for number in _all_signals:
        try:
            _set_signal(number, _IGNORE)
        except (OSError, ValueError):  # SIGKILL, SIGSTOP
            continue
    calm()
