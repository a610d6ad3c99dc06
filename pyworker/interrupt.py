"""Interrupts a session's call as Ctrl-C does on a terminal, and nothing else of the cell.

The supervisor writes INTERRUPT to the channel and then sends SIGINT, both only while it
waits for the RESULT of a call. SIGINT raises KeyboardInterrupt from allow() to forbid(),
which is while the script's code runs. Outside of that it does nothing:

- before: the INTERRUPT is in the channel, where allow() sees it;
- after: every signal of a call was sent before the RUN of the next, so the signals have
  met the handler that does nothing before the next allow().

The handler is CPython's own, because asyncio and others ask whether it is.
"""

import builtins
import select
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_INTERRUPT = signal.SIGINT
_set_signal, _get_signal, _raise = signal.signal, signal.getsignal, signal.default_int_handler
_mask_signals, _UNBLOCK = signal.pthread_sigmask, signal.SIG_UNBLOCK
_select = select.select
_signals = sorted(signal.valid_signals())
_CHILD, _IGNORE = signal.SIGCHLD, signal.SIG_IGN
_first: dict[int, Any] = {}  # the handlers at the first call


def _nothing(number: int, frame: FrameType | None) -> None:
    pass


def allow() -> None:
    """From here on SIGINT raises KeyboardInterrupt, unless the script handles it in another way."""
    _set_signal(_INTERRUPT, _raise)


def forbid() -> None:
    """From here on SIGINT does nothing. What has come before may still raise KeyboardInterrupt here."""
    _set_signal(_INTERRUPT, _nothing)
    _mask_signals(_UNBLOCK, (_INTERRUPT,))  # so that late ones meet this handler, and not that of the next call


def run(judge: Callable[[dict[str, Any]], Any], request: dict[str, Any], channel: int) -> Any:
    """Runs a call of a session. It may be interrupted until this returns, and not afterwards."""
    _restore()
    # An interrupt may also hit forbid() itself. The supervisor leaves time between two.
    try:
        try:
            try:
                allow()
                if _select((channel,), (), (), 0)[0]:
                    raise KeyboardInterrupt
                return judge(request)
            finally:
                forbid()
        finally:
            forbid()
    finally:
        forbid()


def _restore() -> None:
    """Gives signals their handlers again if the worker had to ignore all of them after a call that raised."""
    if not _first:
        for number in _signals:
            _first[number] = _get_signal(number)
    elif _get_signal(_CHILD) == _IGNORE:
        for which, handler in _first.items():
            if which != _INTERRUPT and handler is not None and _get_signal(which) == _IGNORE:
                _set_signal(which, handler)
