"""Prepares the zygote's memory so that its forks are cheap.

What a fork costs is its page tables, which are copied with it and torn down at
its end, and each page that it writes: a fault and a copy. So the heap is put
where huge pages can hold it, and on CPython from 3.12 on its objects become
immortal (PEP 683), so that using one no longer writes its reference count.
docs/performance.md has what each step is worth.

All of this is speed alone: where an older kernel or interpreter lacks it,
everything else works as before.
"""

import ctypes
import gc
import sys
import types
from typing import Any

_MADV_COLLAPSE = 25  # since Linux 6.1, madvise(2)
_HUGE_PAGE_BYTES = 2 << 20
_ARENAS_BYTES = 40 << 20  # what numpy and pandas take; what is left over is given back
_SMALL_BYTES = 512  # pymalloc's largest size class: what is larger it leaves to malloc
_IMMORTAL = (1 << 32) - 1  # the lower half of ob_refcnt, Include/object.h of CPython 3.12 and 3.13
_IMMORTAL_SINCE, _UNKNOWN_SINCE = (3, 12), (3, 14)

_libc = ctypes.CDLL(None)
_libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def reserve() -> list[Any]:
    """Makes pymalloc map its arenas, of 1 MiB each, now and side by side.

    Else they lie scattered between the libraries that are loaded meanwhile, where no
    huge page fits. They stay for as long as the list does, with one object in each;
    those that are still empty then go.
    """
    count = _ARENAS_BYTES // _SMALL_BYTES
    objects: list[Any] = [None] * count  # a list that grew would be mapped in between
    payload = _SMALL_BYTES - sys.getsizeof(b"") - 8
    for i in range(count):
        objects[i] = bytes(payload)
    return objects[:: (1 << 20) // _SMALL_BYTES // 2]


def settle() -> None:
    """What the zygote has now is what cells share: freed, immortal, in huge pages, and not looked at again."""
    gc.collect()
    if sys.implementation.name == "cpython" and _IMMORTAL_SINCE <= sys.version_info[:2] < _UNKNOWN_SINCE:
        _make_immortal()
    _collapse()
    gc.freeze()


def _make_immortal() -> None:
    """Gives all that can be reached a reference count that nobody changes any more."""
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
            stack += value  # its keys, which the collector does not follow when they are text
        elif kind is types.CodeType:  # unknown to the collector, as all that it holds
            stack += (value.co_name, value.co_qualname, value.co_filename, value.co_linetable, value.co_exceptiontable)
            stack += (value.co_consts, value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars)


def _collapse() -> None:
    """Asks for huge pages wherever objects are; the kernel refuses where none fits."""
    for window in {id(value) // _HUGE_PAGE_BYTES for value in gc.get_objects()}:
        _libc.madvise(window * _HUGE_PAGE_BYTES, _HUGE_PAGE_BYTES, _MADV_COLLAPSE)
