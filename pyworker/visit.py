"""A program among the calls of a session: it begins and ends as a program does, and the session goes on.

Its names are its own. At its end only the threads and executors that it has started are
waited for, and only its own exit handlers run. What libraries note then, that all is
over, is undone. All of this is in the script's hands, and so is what becomes of it.
"""

import atexit
import contextlib
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

_Handler = tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]
_enumerate, _current = threading.enumerate, threading.current_thread
# What says that the interpreter ends, by module.
_OVER = (
    ("concurrent.futures.thread", "_shutdown"),
    ("concurrent.futures.process", "_global_shutdown"),
    ("multiprocessing.util", "_exiting"),
)
_finalize: Any = weakref.finalize


class _Registry(dict[Any, Any]):
    """The finalizers of a program. Those of the session are found, too, as an object of it may die meanwhile."""

    def __init__(self, session: dict[Any, Any]) -> None:
        self._session = session

    def get(self, finalizer: Any, default: Any = None) -> Any:
        return super().get(finalizer) or self._session.get(finalizer, default)

    def pop(self, finalizer: Any, default: Any = None) -> Any:
        return super().pop(finalizer, None) or self._session.pop(finalizer, default)


class Visit:
    """What a session had before a program."""

    def __init__(self) -> None:
        self._threads = set(_enumerate())
        self._handlers: list[_Handler] = []
        self._before = atexit.register, atexit.unregister, _finalize._registry, _finalize._registered_with_atexit
        atexit.register, atexit.unregister = self._register, self._unregister  # type: ignore[assignment]
        _finalize._registry, _finalize._registered_with_atexit = _Registry(_finalize._registry), False

    def _register(self, func: Callable[..., object], /, *args: Any, **kwargs: Any) -> Callable[..., object]:
        self._handlers.append((func, args, kwargs))
        return func

    def _unregister(self, func: Callable[..., object], /) -> None:
        self._handlers[:] = [handler for handler in self._handlers if handler[0] != func]

    def join_threads(self) -> None:
        """Lets executors end, and waits for threads that are no daemons."""
        futures: Any = sys.modules.get("concurrent.futures.thread")
        if futures:
            futures._shutdown = True
            for thread, work in list(futures._threads_queues.items()):
                if thread not in self._threads:
                    work.put(None)
                    thread.join()
            futures._shutdown = False
        pools: Any = sys.modules.get("concurrent.futures.process")
        if pools:
            pools._global_shutdown = True
            for thread, wakeup in list(pools._threads_wakeups.items()):
                if thread not in self._threads:
                    wakeup.wakeup()
                    thread.join()
            pools._global_shutdown = False
        while left := [
            thread
            for thread in _enumerate()
            if not thread.daemon and thread not in self._threads and thread is not _current()
        ]:
            for thread in left:
                thread.join()

    def run_exit_handlers(self, failed: Callable[[BaseException, object], None]) -> None:
        """Runs the program's exit handlers, last first; failed shows what one raises."""
        while self._handlers:
            func, args, kwargs = self._handlers.pop()
            try:
                func(*args, **kwargs)
            except BaseException as raised:
                failed(raised, func)

    def end(self) -> None:
        """Gives the session back what it had."""
        atexit.register, atexit.unregister, registry, registered = self._before
        registry.update(_finalize._registry)
        _finalize._registry, _finalize._registered_with_atexit, _finalize._shutdown = registry, registered, False
        for name, flag in _OVER:
            with contextlib.suppress(AttributeError):
                if name in sys.modules:
                    setattr(sys.modules[name], flag, False)
