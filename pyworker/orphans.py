"""Reaps a script's orphans as soon as they have ended.

A handler of SIGCHLD does it, whatever the script waits for meanwhile: a command that leaves
a hundred processes behind would otherwise use up those that a cell may have. It is machine
code, whose source is orphans_amd64.s, because a handler in Python would have to wait for
Python, and interrupt every system call that waits in C code. This one interrupts those that
the kernel never restarts, such as poll(2) and sleeps: signal(7). Python does not see it:
signal.getsignal says SIG_DFL, and whoever installs a handler replaces it.

Which processes are orphans only their limits tell. What Python starts, and everything below
it, has a soft limit of its own for time under a real-time policy, which no process of a cell
may have; what C code has forked does not. Of those the ones that Python has started are the
script's to wait for. Elsewhere children.py reaps orphans when the next process is started.
"""

import ctypes
import mmap
import os
import platform
import resource
import signal

_CODE = {
    "x86_64": bytes.fromhex(
        "4881eca800000049b988776655443322114889b4249000000048c78424980000000000000049837908000f8523010000b8270000000f05"
        "493b010f8513010000c744241000000000bf0000000031f6488d142441ba050000014531c0b8f70000000f054885c00f85e70000008b74"
        "241085f60f84db0000004881fe0080000073694889f7be0f00000031d24c8d942480000000b82e0100000f054889fe4885c07548488b84"
        "2480000000493b4110753a49837908000f8598000000490fa371407228bf0100000031d241ba050000004531c0b8f70000000f054883bc"
        "2498000000000f8458ffffffeb4b4883bc2498000000007540488b8424900000008b4010488d484048898c24a0000000be020000004883"
        "e8404839f07c034889c64889b42498000000483bb424a00000000f8c45ffffffeb1e48ff842498000000488bb42498000000483bb424a0"
        "0000000f8c25ffffff4881c4a8000000c3"
    )
}
_PLACEHOLDER = 0x1122334455667788.to_bytes(8, "little")
_HEAD = 64
_PIDS = 1 << 15  # pids that the handler knows of; a cell has more only after so many processes
_MARK = 1 << 62  # microseconds
_LIMIT = resource.RLIMIT_RTTIME
_SA_NOCLDSTOP, _SA_SIGINFO, _SA_RESTART = 1, 4, 0x10000000
_PROT_READ, _PROT_EXEC = 1, 4


class _Action(ctypes.Structure):  # the C library's struct sigaction
    _fields_ = (
        ("handler", ctypes.c_void_p),
        ("mask", ctypes.c_char * 128),
        ("flags", ctypes.c_int),
        ("restorer", ctypes.c_void_p),
    )


_libc = ctypes.CDLL(None, use_errno=True)
_libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
_set_action, _getpid = _libc.sigaction, os.getpid
_get_limit, _set_limit, _prlimit = resource.getrlimit, resource.setrlimit, resource.prlimit
_kept: list[mmap.mmap] = []
_numbers: memoryview | None = None  # pid of the cell, how many processes are being started, the mark
_bits: memoryview | None = None
_action, _found = _Action(), _Action()


def prepare() -> None:
    """Makes the handler, once in the zygote, unless this is no machine or host for it."""
    global _numbers, _bits
    code = _CODE.get(platform.machine(), b"")
    if not code:
        return
    data = mmap.mmap(-1, _HEAD + _PIDS // 8, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    page = mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    data_at, code_at = (ctypes.addressof(ctypes.c_char.from_buffer(memory)) for memory in (data, page))
    page.write(code.replace(_PLACEHOLDER, data_at.to_bytes(8, "little")))
    if _libc.mprotect(code_at, mmap.PAGESIZE, _PROT_READ | _PROT_EXEC) != 0:
        return  # a host that allows no new machine code
    _kept.extend((data, page))
    _numbers, _bits = memoryview(data)[:_HEAD].cast("Q"), memoryview(data)[_HEAD:]
    _action.handler, _action.flags = code_at, _SA_NOCLDSTOP | _SA_SIGINFO | _SA_RESTART


def begin_start() -> tuple[int, int]:
    """Marks what is started from now on, in a cell. The handler reaps nothing meanwhile. Returns the limit before."""
    if _numbers:
        _numbers[0], _numbers[1], _numbers[2] = _getpid(), _numbers[1] + 1, _MARK
        if _set_action(signal.SIGCHLD, None, ctypes.byref(_found)) == 0 and not _found.handler:
            _set_action(signal.SIGCHLD, ctypes.byref(_action), None)
    before = _get_limit(_LIMIT)
    _set(_MARK, before[1])
    return before


def end_start(pid: int, before: tuple[int, int]) -> None:
    """Takes the mark away. The process has this pid, or 0 if there is none."""
    _set(*before)
    if _numbers and _bits:
        if 0 < pid < _PIDS:
            _bits[pid >> 3] |= 1 << (pid & 7)
        _numbers[1] -= 1


def is_marked(pid: int) -> bool:
    """Reports whether this is a process that Python has started, or one below it."""
    try:
        return _prlimit(pid, _LIMIT)[0] == _MARK
    except OSError:
        return False


def _set(soft: int, hard: int) -> None:
    try:
        _set_limit(_LIMIT, (soft, hard))
    except (OSError, ValueError):  # the script has lowered the hard limit
        return
