"""Lets abort(3) end a cell by a signal that its verdict can name.

A cell is process 1 of its pid namespace. The kernel drops the SIGABRT that such a process
sends itself, and C's abort() then ends it by an invalid instruction, which looks like any
other SIGSEGV. So SIGABRT gets a handler in C: unshare, which is called with the signal's
number. The cell's filter answers unshare(6) by SIGSYS, which nothing else in a cell causes
and which the kernel does not drop; the supervisor reports it as SIGABRT.

Python does not see this handler: signal.getsignal says SIG_DFL, and whoever installs
a handler, as faulthandler does, replaces it.
"""

import ctypes
import os
import signal

_libc = ctypes.CDLL(None)
_set = _libc.signal
_set.argtypes, _set.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p
_unshare = ctypes.cast(_libc.unshare, ctypes.c_void_p).value
_SIG_DFL = None


def prepare() -> None:
    """Makes children of a script die as usual, once in the zygote."""
    os.register_at_fork(after_in_child=_restore)


def install() -> None:
    """Installs the handler, unless this process is an ordinary one: in spawn mode exec."""
    if os.getpid() == 1:
        _set(signal.SIGABRT, _unshare)


def _restore() -> None:
    replaced = _set(signal.SIGABRT, _SIG_DFL)
    if replaced != _unshare:
        _set(signal.SIGABRT, replaced)
