"""Prepares multiprocessing, and libraries on top of it, once in the zygote.

A cell forks well: it has one thread, and everything is imported. A new interpreter takes
hundreds of times as long, and forkserver one more process. So both start methods mean
fork in a cell, and get_start_method() says so, because libraries do what a fork needs.
"""

import _multiprocessing  # type: ignore[import-not-found]
import _socket
import contextlib
import functools
import multiprocessing.context
import multiprocessing.popen_fork
import multiprocessing.util
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

from pyworker import imports, usage

BACKLOG = 128  # the most that the filter lets listen(2) have, nsjail/seccomp/channels_linux.go

_SHUT = (
    "Unix sockets are shut in this cell, so Manager and Listener do not work: the kernel must have Landlock's scope"
    " (Linux 6.12), or the profile spawn_mode exec. Pool, Pipe, Queue, Value, Array and shared_memory work"
)


@contextlib.contextmanager
def decisions() -> Iterator[None]:
    """Lets joblib find semaphores while it is imported. It tries one then, and a zygote must have none:
    cells would share it."""
    real = _multiprocessing.SemLock
    imports.change(
        {f"{prefix}{name}": change for prefix in ("", "joblib.externals.") for name, change in _CHANGES.items()}
    )

    class SemLock:
        SEM_VALUE_MAX, _rebuild = real.SEM_VALUE_MAX, real._rebuild

        def __new__(cls, kind: int, value: int, maxvalue: int, name: str, unlink: bool) -> Any:
            if name.startswith("/joblib-"):
                return object.__new__(cls)
            return real(kind, value, maxvalue, name, unlink)

    _multiprocessing.SemLock = SemLock
    try:
        yield
    finally:
        _multiprocessing.SemLock = real


class _NewInterpreter(multiprocessing.context.SpawnProcess):
    """A process of the real start method spawn, whose place fork has taken below that name."""

    _Popen, _after_fork = (
        staticmethod(vars(multiprocessing.context.SpawnProcess)[name].__func__) for name in ("_Popen", "_after_fork")
    )


class _SpawnContext(multiprocessing.context.SpawnContext):
    Process = _NewInterpreter


def _replace_workers_soundly(executors: Any) -> None:
    """Lets an executor replace its workers: it makes the new ones in a thread, where a fork is not sound."""
    begin = executors.ProcessPoolExecutor.__init__

    @functools.wraps(begin)
    def init(self: Any, max_workers: Any = None, mp_context: Any = None, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("max_tasks_per_child") is not None:
            mp_context = _SpawnContext()
        begin(self, max_workers, mp_context, *args, **kwargs)

    executors.ProcessPoolExecutor.__init__ = init


def _fork_workers(process: Any) -> None:
    process.LokyProcess._Popen = staticmethod(multiprocessing.context.ForkProcess._Popen)


def _kill_workers(utils: Any) -> None:
    def kill_process_tree(process: Any, use_psutil: bool = True) -> None:
        process.kill()
        process.join()

    utils.kill_process_tree = kill_process_tree


def _ignore_psutil(executor: Any) -> None:
    executor._USE_PSUTIL = False


def _find_libraries_itself(threadpoolctl: Any) -> None:
    """Has the libraries listed by the linker: the list in /proc is not there."""
    threadpoolctl._HAS_PROCFS = False


def _forget_executor_in_children(reusable: Any) -> None:
    """Has a worker that needs workers make its own: in a copy, its parent's executor would wait for ever for
    threads that a fork does not copy. It is kept, since its end would wake the parent's."""
    kept = []

    def forget() -> None:
        kept.append(reusable._executor)
        reusable._executor, reusable._executor_lock = None, threading.RLock()

    os.register_at_fork(after_in_child=forget)


def _forget_listeners_in_children(transport: Any) -> None:
    """Has a worker send what scikit-learn's callbacks tell to the process that listens: in a copy of its
    lists, which spawned workers do not have, a worker would find itself listening."""

    def forget() -> None:
        for own in (transport._listeners, transport._message_consumers, transport._worker_connections):
            own.clear()

    os.register_at_fork(after_in_child=forget)


# The workers of loky, joblib's own or by itself, are forked like others', and know what
# the script has defined. They do not look at their memory with psutil: it knows only the
# most that a process has had, and a worker that once had much would be taken for one that leaks.
_CHANGES: dict[str, imports.Change] = {
    "loky.backend.process": _fork_workers,
    "loky.backend.utils": _kill_workers,
    "loky.process_executor": _ignore_psutil,
    "loky.reusable_executor": _forget_executor_in_children,
    "concurrent.futures.process": _replace_workers_soundly,
    "threadpoolctl": _find_libraries_itself,
    "sklearn.callback._transport": _forget_listeners_in_children,
    "psutil._pslinux": usage.change,
}


def prepare() -> None:
    """Sets what cells share. The zygote's filter must be in force, and its libraries loaded."""
    context: Any = multiprocessing.context
    fork, default = context._concrete_contexts["fork"], context._default_context
    context._concrete_contexts.update(spawn=fork, forkserver=fork)
    default._default_context, default._actual_context = fork, None
    for kind in (context.SpawnProcess, context.ForkServerProcess):
        kind._Popen, kind._after_fork = staticmethod(fork.Process._Popen), staticmethod(fork.Process._after_fork)
    # Abstract names would be those of all cells, and multiprocessing makes them from pids, which are the same in all.
    multiprocessing.util.abstract_sockets_supported = False  # type: ignore[misc]
    tempfile.tempdir = None
    socket.socket.listen = _listen  # type: ignore[method-assign, assignment]
    try:
        socket.socket(socket.AF_UNIX).close()
    except PermissionError:
        _explain()


def _listen(self: socket.socket, backlog: int = BACKLOG) -> None:
    """Listens with the longest backlog there is, as the kernel does where one asks for more."""
    _socket.socket.listen(self, min(backlog, BACKLOG))


def _explain() -> None:
    """Makes what needs Unix sockets say so where there are none."""
    from multiprocessing import connection, managers

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise PermissionError(1, _SHUT)

    managers.BaseManager.start = refuse  # type: ignore[method-assign]
    connection.Listener.__init__ = refuse  # type: ignore[method-assign]
