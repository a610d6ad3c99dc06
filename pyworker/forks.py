"""How the zygote forks: by C's fork() alone where that is sound, otherwise by os.fork.

os.fork also runs the hooks of logging, threading and others, and makes the interpreter's
locks anew, because some other thread might have held them. In a zygote there is no other
thread, so all of that does nothing but write to memory, which costs more than the
README's script. C's own handlers, pthread_atfork(3), run either way.

What CPython's PyOS_AfterFork_Child does (3.11 to 3.13), and why a cell can do without:

- It makes the GIL, the lock of imports and the runtime's mutexes anew. This thread holds
  the first and nobody the others, and they are as usable in the copy as here.
- It stores which thread is the main one, and that thread's state in thread-local
  storage. Both stay what they are: pthread_self(3) is an address.
- It forgets signals whose handlers have not run. SIGCHLD is blocked, and what came
  before was handled when pthread_sigmask returned.
- It deletes the states of other threads, and other interpreters, of which there are none
  that run.
- It stores the number that the kernel has for the thread: fork() does that.
- It runs the hooks. Those that only forget something do so here, once: nothing comes
  between that and a fork. Generators of random numbers are reseeded in each cell.

Hooks stay registered, and run when a script forks.
"""

import ctypes
import gc
import os
import sys
from collections.abc import Callable
from typing import Any

# Who may have hooks: in a child these forget locks, threads, fonts, listeners, a loop or a tracker that was the
# parent's, and seed (random). Before a fork they take locks that nobody holds, or end a thread that must not be there
# (IPython).
_KNOWN = {
    "asyncio.events",
    "concurrent.futures.thread",
    "IPython.core.history",
    "joblib.externals.loky.backend.resource_tracker",
    "logging",
    "loky.backend.resource_tracker",
    "matplotlib.font_manager",
    "pyworker.aborts",
    "pyworker.fresh",
    "pyworker.printing",
    "pyworker.processes",
    "random",
    "threading",
}
_SINCE, _UNKNOWN_SINCE = (3, 11), (3, 14)

_Hook = Callable[[], Any]

_register = os.register_at_fork
_registered: list[tuple[str, _Hook]] = []  # by whom, for each hook
_thread: Any = None  # the main thread
_c_fork = ctypes.PyDLL(None, use_errno=True).fork  # PyDLL keeps the GIL


def watch() -> None:
    """Learns who registers hooks from now on."""

    def register_at_fork(**hooks: _Hook) -> None:
        _register(**hooks)
        module = str(sys._getframe(1).f_globals.get("__name__"))
        _registered.extend((module, hook) for hook in hooks.values())

    os.register_at_fork = register_at_fork  # type: ignore[assignment]


def watch_no_more() -> None:
    os.register_at_fork = _register


def choose() -> str:
    """Prepares for C's fork. Returns why it cannot be used, or nothing."""
    if sys.implementation.name != "cpython" or not _SINCE <= sys.version_info[:2] < _UNKNOWN_SINCE:
        return "hotcell does not know what this version of Python does after a fork"
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return "this Python has no global lock"
    hooks = _all_hooks()
    if hooks is None:
        return "the interpreter's hooks were not found"
    for hook in (hook for each in hooks for hook in each):
        module = next((module for module, known in _registered if known is hook), getattr(hook, "__module__", None))
        if module not in _KNOWN:
            return f"{module or 'some module'} called os.register_at_fork, and hotcell does not know what for"
    import threading  # now, since it registers a hook

    global _thread
    _thread = threading.main_thread()
    _registered.clear()
    for forget in hooks[-1]:
        forget()
    return ""


def _all_hooks() -> list[list[_Hook]] | None:
    """Returns all hooks, those for the child last: the interpreter keeps them in three lists of its own."""
    marks: list[_Hook] = [lambda: None, lambda: None, lambda: None]
    _register(before=marks[0], after_in_parent=marks[1], after_in_child=marks[2])
    lists = []
    for mark in marks:
        found = [own for own in gc.get_referrers(mark) if type(own) is list and own is not marks and own[-1] is mark]
        if len(found) != 1:
            return None
        found[0].pop()
        lists.append(found[0][:])
    return lists


def address() -> int:
    """Returns where C's fork() is. Who calls it calls begin in the child."""
    return ctypes.cast(_c_fork, ctypes.c_void_p).value or 0


def begin() -> None:
    """Does in the child what Python needs."""
    _thread._set_native_id()


def fork() -> int:
    """Forks by C's fork(). The caller has one thread, blocks SIGCHLD, and holds no lock."""
    pid: int = _c_fork()
    if pid < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    if pid == 0:
        begin()
    return pid
