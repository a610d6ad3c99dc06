"""Places the code objects that every cell writes to side by side.

The interpreter keeps counters and caches in a code object, and writes them each time that
the code runs: at each conditional jump (3.13), at each instruction that does not
specialize, at each call (3.11). As loaded, such code is scattered, about one code object
to a page, and each cell needs a copy of the page. So functions get copies of their code,
which lie next to each other.
"""

import ctypes
import gc
import json
import random
import socket
import sys
import types
import weakref
from collections.abc import Callable, Iterable
from typing import Any

# What runs in a cell or between forks, but not in the warm-up script.
_MODULES = (
    "cell", "zygote", "loop", "forks", "frames", "linux", "snapshot", "landlock", "calls", "isolation", "system",
    "module", "streams", "fresh", "aborts", "children", "hooks", "interrupt", "printing", "outputs", "script",
    "results", "results_pandas", "results_types",
)  # fmt: skip
_FUNCTIONS: tuple[Any, ...] = (
    socket.recv_fds, socket.send_fds, random.Random.seed, json.loads, json.dumps, json.decoder.JSONDecoder.decode,
    json.decoder.JSONDecoder.raw_decode, json.encoder.JSONEncoder.encode, json.encoder.JSONEncoder.iterencode,
)  # fmt: skip
_SMALL_BYTES = 512  # pymalloc's largest size class; malloc serves larger objects
_STEP = 16  # between size classes
_LARGEST_HOLE, _LARGE_HOLE = 64 << 10, 1 << 10
_POINTER = ctypes.sizeof(ctypes.c_void_p)  # to which __sizeof__ rounds
_IN_A_ROW = 4  # objects that lie next to each other are not in holes
_MAX_FILLERS = 1 << 15

_kept: list[types.CodeType] = []  # what was copied: in its place, later objects would be scattered again


def pack(run: Callable[[], None], rounds: int) -> None:
    """Calls run that often, and packs the code that it wrote to, and what runs in cells besides."""
    codes = [code for code in _all_codes() if not _is_marked(code)]
    before = [_content(code) for code in codes]
    for _ in range(rounds):
        run()
    hot = {id(code): code for code, content in zip(codes, before, strict=True) if content != _content(code)}
    hot.update((id(code), code) for code in _of_cells(codes))
    for code in hot.values():
        _ = code.co_code  # which stays: otherwise it would be made for each copy, and lie between the copies
    fillers = _fill_holes({_size(code) for code in hot.values()})
    copies = _copy(hot)
    for function in _all_functions():
        if copy := copies.get(id(function.__code__)):
            function.__code__ = copy
    _kept.extend(hot.values())
    del fillers


def _all_functions() -> list[types.FunctionType]:
    return [value for value in gc.get_objects() if type(value) is types.FunctionType]


def _all_codes() -> list[types.CodeType]:
    """Returns the code of all functions, with what is nested in it."""
    codes: dict[int, types.CodeType] = {}
    todo = [function.__code__ for function in _all_functions()]
    while todo:
        code = todo.pop()
        if id(code) not in codes:
            codes[id(code)] = code
            todo += [value for value in code.co_consts if type(value) is types.CodeType]
    return list(codes.values())


def _is_marked(code: types.CodeType) -> bool:
    """Reports whether a library has marked this very object, and would not know a copy: trio
    refers to it weakly, torch adds data to it, which __sizeof__ counts."""
    return weakref.getweakrefcount(code) > 0 or code.__sizeof__() - object.__sizeof__(code) >= _POINTER


def _content(code: types.CodeType) -> int:
    """Returns a hash of what is in its memory, but for the reference count."""
    head = object.__basicsize__
    return hash(ctypes.string_at(id(code) + head, object.__sizeof__(code) - head))


def _of_cells(codes: list[types.CodeType]) -> Iterable[types.CodeType]:
    modules = [sys.modules[f"pyworker.{name}"] for name in _MODULES if f"pyworker.{name}" in sys.modules]
    files = {module.__file__ for module in modules}
    yield from (code for code in codes if code.co_filename in files)
    yield from (function.__code__ for function in _FUNCTIONS if not _is_marked(function.__code__))


def _copy(hot: dict[int, types.CodeType]) -> dict[int, types.CodeType]:
    """Returns a copy of each, by the id of what it is a copy of. What is nested in it is the copy, if there is one."""
    copies: dict[int, types.CodeType] = {}

    def copied(value: Any) -> Any:
        if id(value) not in hot:
            return value
        if id(value) not in copies:
            copies[id(value)] = value.replace(co_consts=tuple(copied(inner) for inner in value.co_consts))
        return copies[id(value)]

    for code in hot.values():
        copied(code)
    return copies


def _size(code: types.CodeType) -> int:
    return (code.__sizeof__() + _STEP - 1) // _STEP * _STEP


def _fill_holes(sizes: set[int]) -> list[bytes]:
    """Allocates until objects of these sizes get places next to each other, and returns what fills the holes."""
    holes = []
    size = _LARGEST_HOLE
    while size > _SMALL_BYTES:
        holes.append(size)
        size = size // 2 if size > _LARGE_HOLE else size - _STEP
    holes += [size for size in sizes if size <= _SMALL_BYTES]
    fillers: list[bytes] = []
    for size in holes:
        last = in_a_row = 0
        while in_a_row < _IN_A_ROW and len(fillers) < _MAX_FILLERS:
            filler = bytes(size - sys.getsizeof(b""))
            in_a_row = in_a_row + 1 if 0 < id(filler) - last <= size + _STEP else 0
            last = id(filler)
            fillers.append(filler)
    return fillers
