"""Ends zombies that a script cannot know of: its children's children, which outlived them.

A cell is process 1 of its pid namespace, so orphans become its children and, once they
have ended, zombies, which count as processes. An ordinary process 1 waits for all of
them. Here a script may wait for its own children, so only those are ended that the
script did not start by Python: when it starts the next one, and by their pids.

What was printed before a child starts, or before os.write, is let out first: see printing.py.

C code that forks, and waits in another thread while the script starts a process, may
find its child gone; os.system is known.
"""

import _posixsubprocess
import _thread
import os
import subprocess
from collections.abc import Callable
from typing import Any

from pyworker import printing

_NEAR = 256  # pids before and after the newest child that are tried behind a child that has ended

_getpid, _waitid = os.getpid, os.waitid
_let_out, _keep_no_log = printing.let_out, printing.stop
_ended = os.WEXITED | os.WNOHANG
_known: set[int] = set()
_newest = 1
_in_c: list[None] = []  # an element for each os.system that runs
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
    os.system = _waiter(os.system)
    for name in ("execv", "execve"):
        setattr(os, name, _successor(getattr(os, name)))
    os.supports_fd.add(os.execve)  # where its original is
    for name in ("write", "writev"):
        setattr(os, name, _writer(getattr(os, name)))
    os.dup, os.dup2 = _copier(os.dup), _replacer(os.dup2)


def _starter(start: Callable[..., Any]) -> Callable[..., Any]:
    def started(*args: Any, **kwargs: Any) -> Any:
        global _newest, _starting
        _let_out()
        if _getpid() != 1:
            return start(*args, **kwargs)
        with _lock:
            if not _starting:
                _reap()
            before, _starting = _starting, True
            try:
                result = start(*args, **kwargs)
                _newest = result[0] if type(result) is tuple else result
                _known.add(_newest)
            finally:
                _starting = before
        return result

    return _hidden(started, start)


def _waiter(run: Callable[..., int]) -> Callable[..., int]:
    def waited(*args: Any, **kwargs: Any) -> int:
        _let_out()
        with _lock:
            _in_c.append(None)
        try:
            return run(*args, **kwargs)
        finally:
            _in_c.pop()

    return _hidden(waited, run)


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
    if _in_c:
        return
    try:
        while found := _waitid(os.P_ALL, 0, _ended | os.WNOWAIT):
            if found.si_pid in _known:
                break
            _waitid(os.P_PID, found.si_pid, _ended)
        else:
            return
    except ChildProcessError:
        return
    for pid in range(max(2, _newest - _NEAR), _newest + _NEAR):
        if pid not in _known:
            try:
                _waitid(os.P_PID, pid, _ended)
            except ChildProcessError:
                continue
