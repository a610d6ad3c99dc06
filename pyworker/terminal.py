"""Runs a script, or without one an interactive interpreter, on a terminal of its own.

The cell gets the slave end of a pty from the supervisor, which keeps the master. It
becomes the leader of a session with that terminal, as login(1) does, so that keys such
as Ctrl-C send signals to the foreground process group.
"""

import builtins
import code
import fcntl
import os
import signal
import socket
import sys
import termios
import types
from typing import Any

from pyworker import frames, linux, program, script, system

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_SHORT = {"numpy": "np", "pandas": "pd"}
_NEEDS_NO_JSON = ("no_main", "not_json", "output_limit")
_ENDING = (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM)
_ORDINARY = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)


def attach(channel_fd: int) -> None:
    """Receives the terminal that follows RUN and makes it the controlling terminal and the standard streams."""
    try:
        _attach(channel_fd)
    except EOFError:
        os._exit(0)  # the supervisor is gone
    except BaseException as error:
        frames.write(channel_fd, frames.failed(0, "attach the terminal", error))
        os._exit(1)


def _attach(channel_fd: int) -> None:
    channel = socket.socket(fileno=os.dup(channel_fd))
    frame, fds, _, _ = socket.recv_fds(channel, frames.HEADER_BYTES, 1)
    channel.close()
    if not frame:
        raise EOFError("no TTY")
    if frame != frames.encode(frames.TTY, b"") or len(fds) != 1:
        raise frames.FrameError(f"{frame!r} with {len(fds)} descriptors instead of TTY with one")
    fcntl.ioctl(fds[0], termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(fds[0], fd)
    os.close(fds[0])
    system.close_output()
    linux.buffer_c_stdout_by_line()
    _take_signals()


def _take_signals() -> None:
    """Makes the keys work, whatever signal handling the supervisor inherited.

    The kernel drops a signal to process 1 of a pid namespace if it has no handler for it, so signals that end other
    processes get a handler here.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in _ORDINARY:
        signal.signal(number, signal.SIG_DFL)
    for number in _ENDING:
        signal.signal(number, _end if os.getpid() == 1 else signal.SIG_DFL)


def _end(number: int, frame: types.FrameType | None) -> None:
    if os.getpid() == 1:
        os._exit(128 + number)
    signal.signal(number, signal.SIG_DFL)  # in a child that the script forked
    os.kill(os.getpid(), number)


def judge(request: dict[str, Any]) -> tuple[str, dict[str, Any] | None, frames.Octets]:
    """Like script.judge, but errors appear on the terminal, main is optional, and nothing is returned."""
    if not request["script"]:
        return _converse()
    own_pid = os.getpid()
    status, error, _ = script.judge(request)
    if status in _NEEDS_NO_JSON:
        status, error = "ok", None
    if error and os.getpid() == own_pid:  # otherwise the caller reports it
        frames.write(2, error["traceback"].encode("utf-8", "replace"))
    return status, error, b"null"


def _converse() -> tuple[str, dict[str, Any] | None, frames.Octets]:
    """Runs an interactive interpreter until Ctrl-D."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    names = vars(module)
    at_hand = [name for name in _SHORT if name in sys.modules]
    names.update((_SHORT[name], sys.modules[name]) for name in at_hand)
    _complete(names)
    version = ".".join(map(str, sys.version_info[:3]))
    parts = [f"Python {version}", *(f"{name} as {_SHORT[name]}" for name in at_hand), "Ctrl-D ends"]
    banner = ", ".join(parts)
    console = code.InteractiveConsole(names, "<stdin>")
    while True:
        try:
            console.interact(banner, exitmsg="")
            return "ok", None, b"null"
        except SystemExit as wish:
            raise script.Exit(program.exit_status(wish)) from None
        except KeyboardInterrupt:  # between two lines, where the console does not catch it
            banner = "\nKeyboardInterrupt"


def _complete(names: dict[str, Any]) -> None:
    """Enables line editing, history in memory and completion by tab, if this Python has readline."""
    try:
        import readline
        import rlcompleter
    except ImportError:
        return
    readline.set_completer(rlcompleter.Completer(names).complete)
    readline.parse_and_bind("tab: complete")
