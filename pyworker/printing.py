"""Keeps what a script prints in memory that outlives it, instead of writing each piece into the pipe.

A print is two writes of a few bytes, and each would be a system call. So while nobody
waits for the output, sys.stdout.buffer.write appends to a log: a file in memory that the
cell maps. The supervisor holds a descriptor of it, and when the cell is dead, takes what
did not get into the pipe, however it died. A flush, and a full log, write what is there
into the pipe: so the order is the one that CPython's own buffer has.

The writing is machine code, since a function in Python would cost more than the print
itself: write and flush are built-in functions, whose self is a bytes object with the
addresses that they need. Their source is printing_amd64.s. They run from the first to the
last instruction without another thread of Python or a signal handler in between, so that
the log's numbers always fit its data. Elsewhere each write is a system call.

The log begins with 64-bit numbers:

    base     how many bytes came before those in the log
    end      how many are in it
    passed   how many of all have been written into the pipe
    trying   how many will have been when the current write(2) is over
"""

import builtins
import contextlib
import ctypes
import functools
import mmap
import os
import platform
import select
import struct
import sys
import sysconfig
from typing import Any

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

BYTES = 1 << 16
_HEAD = 32
_ROOM = BYTES - _HEAD
_METH_NOARGS, _METH_O = 4, 8
_PASS = 1  # what to write: nothing, but what is in the log into the pipe
_PROT_READ, _PROT_WRITE, _PROT_EXEC = 1, 2, 4
_MAP_SHARED, _MAP_PRIVATE, _MAP_FIXED, _MAP_ANONYMOUS = 1, 2, 16, 32
_FULL = 1
_EINTR = 4
_STDOUT = 1

# What Go's assembler makes of printing_amd64.s.
_CODE = {
    "x86_64": bytes.fromhex(
        "4989f84989f14d8b50204983f9017649498b4030493941080f85e8000000498b4910498b50284839d10f87d7000000492b52084839d177"
        "21498b4910498b7a08498d7c3a20498d7120f3a4498b791049017a08498b4038ffe0498b7210498b12490352084829f27e7148b8010000"
        "000400000048894424f8488d7c24f8be0100000031d2b8070000000f054885c07443498b7210498b12490352084829f24881fa00100000"
        "7e05ba00100000488d041649894218492b32498d743220bf01000000b8010000000f054885c07c1a49014210eb86b801000000eb0d49c7"
        "42080000000049893231c04983f90174364885c075144983f9000f853cffffff498b7868498b4060ffe04983f900740d498b78484c89ce"
        "498b4040ffe0498b7858498b4050ffe0c3"
    )
}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long)
_libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
_poll, _POLLOUT = select.poll, select.POLLOUT
_map, _Error, _strerror, _suppress = _libc.mmap, OSError, os.strerror, contextlib.suppress

_kept: list[Any] = []  # what machine code has the address of
_at = 0  # where a cell's log goes
_pass: Any = None
_write: Any = None
_flush: Any = None
_raw: Any = None
_write_through: Any = None
_room: Any = None  # what machine code takes for the log's size
_on = False
numbers: Any = (0, 0, 0, 0)  # of the log


class _Method(ctypes.Structure):  # PyMethodDef
    _fields_ = (("name", ctypes.c_char_p), ("code", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p))


def prepare(raw: Any) -> str:
    """Makes the functions, once in the zygote. Returns why they cannot be used, if so.

    raw is the file below sys.stdout.
    """
    global _raw, _write_through, numbers
    why = _unfit()
    if not why:
        try:
            _make()
            why = _try()
        except Exception as error:  # such as a host that allows no new machine code
            why = f"{type(error).__name__}: {error}"
    if why:
        numbers = (0, 0, 0, 0)
        return why
    _raw, _write_through = raw, raw.write
    os.register_at_fork(before=let_out, after_in_child=leave)
    return ""


def _unfit() -> str:
    """Returns why this is no interpreter for which the code was written."""
    machine, sample = platform.machine(), b"a sample"
    if machine not in _CODE:
        return f"there is no code for {machine}"
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "it needs CPython with its lock"
    at = id(sample)
    kind, size = ctypes.c_void_p.from_address(at + 8).value, ctypes.c_ssize_t.from_address(at + 16).value
    if kind != id(bytes) or size != len(sample) or ctypes.string_at(at + 32, size) != sample:
        return "its bytes objects are of another layout"
    return ""


def _make() -> None:
    global _at, _pass, _write, _flush, _room, numbers
    area = mmap.mmap(-1, BYTES, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    page = mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    page.write(_CODE[platform.machine()])
    _at, code = (ctypes.addressof(ctypes.c_char.from_buffer(memory)) for memory in (area, page))
    if _libc.mprotect(code, mmap.PAGESIZE, _PROT_READ | _PROT_EXEC) != 0:
        raise OSError(ctypes.get_errno(), "mprotect")
    numbers = memoryview(area)[:_HEAD].cast("Q")
    api = ctypes.pythonapi
    names = ("PyLong_FromLong", "PyObject_CallOneArg", "PyObject_CallNoArgs", "Py_NewRef")
    long_from, call, call_nothing, new_ref = (ctypes.cast(getattr(api, name), ctypes.c_void_p).value for name in names)
    slow_write, slow_flush = id(_slow_write), id(flush)
    env = struct.pack(
        "10Q", _at, _ROOM, id(bytes), long_from, call, slow_write, call_nothing, slow_flush, new_ref, id(None)
    )
    _room = ctypes.c_uint64.from_address(id(env) + 40)
    methods = (_Method(b"write", code, _METH_O, None), _Method(b"flush", code, _METH_NOARGS, None))
    new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)(
        ("PyCFunction_NewEx", api)
    )
    _write, _flush = (new(ctypes.addressof(method), env, None) for method in methods)
    _pass = functools.partial(ctypes.PYFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)(code), id(env), _PASS)
    _kept.extend((area, page, env, methods, _slow_write, flush))


def _try() -> str:
    """Writes to the zygote's own memory."""
    pieces = [b"12", b"", b"\n", bytes(1000)]
    took = [_write(piece) for piece in pieces]
    found, whole = numbers.tolist(), b"".join(pieces)
    written = ctypes.string_at(_at + _HEAD, len(whole))
    ctypes.memset(_at, 0, _HEAD + len(whole))
    if took != [len(piece) for piece in pieces] or found != [0, len(whole), 0, 0] or written != whole:
        return f"a trial wrote {found} and {written[:20]!r}"
    return ""


def make_log() -> list[int]:
    """Makes the cell's log, while it is parked, and returns its descriptor if there is one."""
    if not _raw:
        return []
    fd = os.memfd_create("output", os.MFD_CLOEXEC)
    os.ftruncate(fd, BYTES)
    if _map(_at, BYTES, _PROT_READ | _PROT_WRITE, _MAP_SHARED | _MAP_FIXED, fd, 0) != _at:
        raise OSError(ctypes.get_errno(), "map the log")
    numbers[1] = 0  # takes the page fault now
    begin(live=False)
    return [fd]


def begin(live: bool) -> None:
    """Chooses how the script that comes prints. A live output is read while it runs, and is not held back."""
    global _on
    if live or not _raw:
        stop()
        let_out()
    elif not _on:
        if not _room.value:
            _room.value = _ROOM
        _raw.write, _raw.flush = _write, _flush
        _on = True


def stop() -> None:
    """Leaves the log alone from now on, also where the script has kept sys.stdout.buffer.write."""
    global _on
    if _on:
        _on = False
        _room.value = 0
        for name, function in (("write", _write), ("flush", _flush)):
            if vars(_raw).get(name) is function:
                delattr(_raw, name)


def leave() -> None:
    """Leaves the log to the parent of this process, and has an empty one instead."""
    stop()
    if _raw:
        _map(_at, BYTES, _PROT_READ | _PROT_WRITE, _MAP_PRIVATE | _MAP_FIXED | _MAP_ANONYMOUS, -1, 0)


def flush() -> None:
    """Writes what is in the log into the pipe. Raises OSError if that fails."""
    while numbers[1] and (failed := _pass()):
        if failed == _FULL:
            full = _poll()
            full.register(_STDOUT, _POLLOUT)
            full.poll()
        elif failed != -_EINTR:
            raise _Error(-failed, _strerror(-failed))


def let_out() -> None:
    """Writes what is in the log into the pipe before somebody else writes there."""
    with _suppress(_Error):
        flush()


def _slow_write(data: Any, /) -> int:
    """Writes what is no bytes object, is larger than the log, or comes while that is full or left alone."""
    with memoryview(data) as view, view.cast("B") as octets:
        size = len(octets)
        for at in range(0, size, _ROOM):
            flush()
            (_write if _on else _write_through)(bytes(octets[at : at + _ROOM]))
    return size
