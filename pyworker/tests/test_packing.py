"""Packing of code objects, in this interpreter."""

import ctypes
import mmap
import sys
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from pyworker import packing

_SOURCE = """
def make(factor):
    def times(numbers):
        total = 0
        for number in numbers:
            if number % 2:
                total += number * factor
            elif isinstance(number, float):
                total -= number
            else:
                total += factor
            if total > 1000 and number > 1000 or total < -1000 and number < -1000:
                total = max(min(total, 1000), -1000) + max(min(number, 1000), -1000)
        return total + sum(map(lambda n: n * factor, numbers))
    return times

def items(factor):
    for number in range(4):
        if number != factor:
            yield number
"""


def functions() -> Iterator[dict[str, Any]]:
    """Makes functions whose code is scattered, and too large for pymalloc."""
    for _ in range(100):
        names: dict[str, Any] = {"between": bytes(2 * mmap.PAGESIZE)}
        exec(_SOURCE, names)
        yield names


def pages(codes: list[types.CodeType]) -> int:
    return len({id(code) // mmap.PAGESIZE for code in codes})


def test_code_that_runs_is_packed_and_does_what_it_did() -> None:
    scattered = list(functions())
    made: list[Callable[[list[float]], float]] = [names["make"](3) for names in scattered]
    before = [times.__code__ for times in made]

    def run() -> None:
        for names, times in zip(scattered, made, strict=True):
            assert times([1, 2, 2.5]) == 30
            assert list(names["items"](2)) == [0, 1, 3]

    packing.pack(run, rounds=2)
    after = [times.__code__ for times in made]
    assert all(one is not other for one, other in zip(before, after, strict=True))
    assert pages(after) < pages(before) / 2
    for names in scattered:
        assert names["make"](4)([1, 2]) == 4 + 4 + 12
    run()
    assert [code.co_code for code in after] == [code.co_code for code in before]


def test_a_function_made_later_has_packed_code() -> None:
    names = next(functions())
    packing.pack(lambda: names["make"](3)([1]), rounds=2)
    assert names["make"](5).__code__ is names["make"](6).__code__
    assert any(inner is names["make"](5).__code__ for inner in names["make"].__code__.co_consts)


def test_code_that_does_not_run_stays() -> None:
    names = next(functions())
    before = names["items"].__code__
    packing.pack(lambda: names["make"](3)([1]), rounds=2)
    assert names["items"].__code__ is before


def test_code_that_a_library_has_marked_stays() -> None:
    made = [next(functions())["make"](3) for _ in range(3)]
    before = [times.__code__ for times in made]
    reference = weakref.ref(before[0])
    _add_data(before[1])

    def run() -> None:
        for times in made:
            assert times([1, 2, 2.5]) == 30

    packing.pack(run, rounds=2)
    assert [times.__code__ is code for times, code in zip(made, before, strict=True)] == [True, True, False]
    assert reference() is made[0].__code__
    run()


def _add_data(code: types.CodeType) -> None:
    """Adds data to a code object as libraries in C do."""
    prefix = "PyUnstable_Eval_", "PyUnstable_Code_"
    if sys.version_info < (3, 12):
        prefix = "_PyEval_", "_PyCode_"
    index = getattr(ctypes.pythonapi, prefix[0] + "RequestCodeExtraIndex")(None)
    assert getattr(ctypes.pythonapi, prefix[1] + "SetExtra")(ctypes.py_object(code), index, ctypes.c_void_p(8)) == 0
