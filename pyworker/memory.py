"""Prepares the zygote's memory so that its forks are cheap.

A fork costs its page tables, which are copied and later torn down, and a fault and a
copy for each page that it writes. So the heap is placed where huge pages fit, and on
CPython 3.12 and newer its objects become immortal (PEP 683), so that using an object no
longer writes its reference count. docs/performance.md says what each step gains.

All of this affects only speed: with an older kernel or interpreter that lacks it,
everything works the same.
"""

import ctypes
import gc
import sys
import types
from typing import Any

_MADV_COLLAPSE = 25  # since Linux 6.1, madvise(2)
_HUGE_PAGE_BYTES = 2 << 20
_ARENAS_BYTES = 40 << 20  # what numpy and pandas need; the rest is given back
_SMALL_BYTES = 512  # pymalloc's largest size class; malloc serves larger objects
_IMMORTAL = (1 << 32) - 1  # the lower half of ob_refcnt, Include/object.h of CPython 3.12 and 3.13
_IMMORTAL_SINCE, _UNKNOWN_SINCE = (3, 12), (3, 14)

_libc = ctypes.CDLL(None)
_libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def reserve() -> list[Any]:
    """Makes pymalloc map its arenas, of 1 MiB each, now and next to each other.

    Otherwise they are scattered between the libraries that are loaded meanwhile, where
    no huge page fits. Each arena stays as long as the returned list, which has one
    object in each; arenas that are empty after that are unmapped.
    """
    count = _ARENAS_BYTES // _SMALL_BYTES
    objects: list[Any] = [None] * count  # a list that grows would be mapped in between
    payload = _SMALL_BYTES - sys.getsizeof(b"") - 8
    for i in range(count):
        objects[i] = bytes(payload)
    return objects[:: (1 << 20) // _SMALL_BYTES // 2]


def settle(collapse: bool) -> None:
    """Finishes the memory that cells share: freed, immortal, in huge pages, ignored by the collector."""
    gc.collect()
    if sys.implementation.name == "cpython" and _IMMORTAL_SINCE <= sys.version_info[:2] < _UNKNOWN_SINCE:
        _make_immortal()
    if collapse:
        _collapse()
    gc.freeze()


def _make_immortal() -> None:
    """Gives every reachable object a reference count that no longer changes."""
    count_of = ctypes.c_uint32.from_address
    stack = gc.get_objects()
    while stack:
        value = stack.pop()
        count = count_of(id(value))
        if count.value > _IMMORTAL >> 1:
            continue
        count.value = _IMMORTAL
        stack += gc.get_referents(value)
        kind = type(value)
        if kind is dict:
            stack += value  # its keys, which the collector does not follow if they are strings
        elif kind is types.CodeType:  # the collector knows neither it nor what it refers to
            stack += (value.co_name, value.co_qualname, value.co_filename, value.co_linetable, value.co_exceptiontable)
            stack += (value.co_consts, value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars)


def _collapse() -> None:
    """Requests huge pages wherever objects are; the kernel refuses where none fits."""
    for window in {id(value) // _HUGE_PAGE_BYTES for value in gc.get_objects()}:
        _libc.madvise(window * _HUGE_PAGE_BYTES, _HUGE_PAGE_BYTES, _MADV_COLLAPSE)
