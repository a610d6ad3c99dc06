"""Reaps zombies that a script cannot know of: its children's children, which outlived them.

A cell is process 1 of its pid namespace, or in spawn mode exec a subreaper (zygote.py), so
orphans become its children and, once they have ended, zombies, which count as processes. An
ordinary process 1 waits for all of them. Here a script may wait for its own children, so only
those are reaped that Python did not start, and that are below a process that it did start:
orphans.py does so at once where it can, and here it is done when the script starts the next
process.

What was printed before a child starts, or before os.write, is let out first: see printing.py.
"""

import _posixsubprocess
import _signal  # type: ignore[import-not-found]  # module signal makes an enumeration of each result
import _thread
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from pyworker import orphans, printing

_NEAR = 256  # pids before and after the newest child that are tried behind a child that has ended

_getpid, _waitid, _waitpid = os.getpid, os.waitid, os.waitpid
_get_signal, _set_signal, _mask_signals = _signal.getsignal, _signal.signal, _signal.pthread_sigmask
_audit = sys.audit
_begin_start, _end_start, _is_marked = orphans.begin_start, orphans.end_start, orphans.is_marked
_let_out, _keep_no_log = printing.let_out, printing.stop
_ended = os.WEXITED | os.WNOHANG
_known: set[int] = set()
_cell = 0  # its pid
_newest = 1
_lock = _thread.RLock()
_starting = False  # also keeps a signal handler that starts a process from ending what is not known yet


def prepare() -> None:
    """Learns of every child that Python starts, once in the zygote."""
    for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp"):
        setattr(os, name, _starter(getattr(os, name)))
    _posixsubprocess.fork_exec = _starter(_posixsubprocess.fork_exec)
    for name in ("_fork_exec", "_posixsubprocess_fork_exec"):  # what subprocess imported; it depends on the version
        if hasattr(subprocess, name):
            setattr(subprocess, name, _posixsubprocess.fork_exec)
    os.system = _system(os.system)
    orphans.prepare()
    for name in ("execv", "execve"):
        setattr(os, name, _successor(getattr(os, name)))
    os.supports_fd.add(os.execve)  # where its original is
    for name in ("write", "writev"):
        setattr(os, name, _writer(getattr(os, name)))
    os.dup, os.dup2 = _copier(os.dup), _replacer(os.dup2)


def begin() -> None:
    """Begins to reap orphans, in a cell."""
    global _cell
    _cell = _getpid()


def _starter(start: Callable[..., Any]) -> Callable[..., Any]:
    def started(*args: Any, **kwargs: Any) -> Any:
        global _newest, _starting
        _let_out()
        if _getpid() != _cell:
            return start(*args, **kwargs)
        with _lock:
            if not _starting:
                _reap()
            before, _starting = _starting, True
            pid, limit = 0, _begin_start()
            try:
                result = start(*args, **kwargs)
                pid = result[0] if type(result) is tuple else result
                if pid:
                    _newest = pid
                    _known.add(pid)
            finally:
                _starting = before
                if pid or _getpid() == _cell:  # else this is the process that was started, which stays marked
                    _end_start(pid, limit)
        return result

    return _hidden(started, start)


def _system(run: Callable[..., int]) -> Callable[..., int]:
    start = os.posix_spawn

    def system(command: Any) -> int:
        """As system(3) does, but the shell's pid is known, and what it leaves behind is reaped."""
        if _getpid() != _cell:
            _let_out()
            return run(command)
        _audit("os.system", command)
        before: dict[int, Any] = {}
        # A handler of the script's that waits for all children must not get the shell's status.
        handled = _get_signal(_signal.SIGCHLD) not in (_signal.SIG_DFL, _signal.SIG_IGN)
        mask = _mask_signals(_signal.SIG_BLOCK, (_signal.SIGCHLD,) if handled else ())
        try:
            for number in (_signal.SIGINT, _signal.SIGQUIT):
                if (handler := _get_signal(number)) is None:  # C code's, which Python could not give back
                    continue
                try:
                    _set_signal(number, _signal.SIG_IGN)
                except ValueError:  # another thread than the first
                    break
                before[number] = handler
            defaults = [number for number, handler in before.items() if handler != _signal.SIG_IGN]
            try:
                pid = start("/bin/sh", ["sh", "-c", command], os.environ, setsigmask=mask, setsigdef=defaults)
            except OSError:
                return 127 << 8  # the C library says that the shell has ended so
            return _waitpid(pid, 0)[1]
        except ChildProcessError:
            return -1
        finally:
            for number, handler in before.items():
                _set_signal(number, handler)
            _mask_signals(_signal.SIG_SETMASK, mask)

    return _hidden(system, run)


def _successor(become: Callable[..., Any]) -> Callable[..., Any]:
    def became(*args: Any, **kwargs: Any) -> Any:
        _let_out()
        return become(*args, **kwargs)

    return _hidden(became, become)


def _writer(write: Callable[[int, Any], int]) -> Callable[..., int]:
    numbers = printing.numbers

    def written(fd: int, data: Any, /) -> int:
        if fd == 1 and numbers[1]:
            _let_out()
        return write(fd, data)

    return _hidden(written, write)


def _copier(copy: Callable[[int], int]) -> Callable[[int], int]:
    def copied(fd: int, /) -> int:
        if fd == 1:  # what is written to the copy stays in order with what is printed
            _keep_no_log()
            _let_out()
        return copy(fd)

    return _hidden(copied, copy)


def _replacer(replace: Callable[..., int]) -> Callable[..., int]:
    def replaced(fd: int, fd2: int, inheritable: bool = True) -> int:
        if 1 in (fd, fd2):
            _keep_no_log()
            _let_out()
        return replace(fd, fd2, inheritable)

    return _hidden(replaced, replace)


def _hidden(function: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    """Gives it the original's name; in tracebacks it is not a file of the worker's."""
    function.__name__ = function.__qualname__ = original.__name__
    function.__doc__, function.__module__ = original.__doc__, original.__module__
    function.__code__ = function.__code__.replace(co_filename="<hotcell>", co_name=original.__name__)
    hidden: Callable[..., Any] = function
    return hidden


def _reap() -> None:
    try:
        while found := _waitid(os.P_ALL, 0, _ended | os.WNOWAIT):
            if found.si_pid in _known or not _is_marked(found.si_pid):
                break
            _waitid(os.P_PID, found.si_pid, _ended)
        else:
            return
    except ChildProcessError:
        return
    for pid in range(max(2, _newest - _NEAR), _newest + _NEAR):
        if pid not in _known and _is_marked(pid):
            try:
                _waitid(os.P_PID, pid, _ended)
            except ChildProcessError:
                continue
