"""What has labels, comes one by one, or says itself how it becomes simpler; and nothing is lost in silence."""

import array
import collections
import collections.abc
import csv
import itertools
import json
import sqlite3
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pyworker import results

results.prepare()

NAN = float("nan")


def rows(query: str) -> list[Any]:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    return connection.execute(query).fetchall()


class Model:
    def __init__(self, inner: Any = 1) -> None:
        self.inner = inner

    def model_dump(self) -> Any:
        return {"inner": self.inner}


class Table:
    def to_dicts(self) -> Any:
        return [{"a": 1}, {"a": None}]


class Column:
    def to_pylist(self) -> Any:
        return [1, NAN]


class Row:
    _fields = ("id", "name")

    def _asdict(self) -> Any:
        return {"id": 1, "name": b"x"}


class Attrs:
    __attrs_attrs__ = (types.SimpleNamespace(name="x"), types.SimpleNamespace(name="y"))

    def __init__(self) -> None:
        self.x, self.y, self.z = 1, {2}, 3


class Folder(collections.abc.Mapping[str, int]):
    def __getitem__(self, name: str) -> int:
        return {"a": 1, "b": 2}[name]

    def __iter__(self) -> Iterator[str]:
        return iter(["a", "b"])

    def __len__(self) -> int:
        return 1_000_000  # it is never asked


class Shelf(collections.abc.Sequence[Any]):
    def __getitem__(self, i: Any) -> Any:
        return ["x", "y"][i]

    def __len__(self) -> int:
        return 2


class Bag(collections.abc.Set[int]):
    def __contains__(self, item: object) -> bool:
        return item in (3, 1)

    def __iter__(self) -> Iterator[int]:
        return iter([3, 1])

    def __len__(self) -> int:
        return 2


def count(n: int) -> Iterator[int]:
    yield from range(n)


FRAME = pd.DataFrame({"g": ["x", "y", "x"], "v": [1, 2, 3]})
DAYS = pd.date_range("2024-01-01", periods=2, tz="Europe/Berlin")

# Made anew for each test, since some can be read once.
CASES: dict[str, tuple[Callable[[], Any], Any]] = {
    "value_counts": (lambda: FRAME["g"].value_counts(), {"x": 2, "y": 1}),
    "a mean of each group": (lambda: FRAME.groupby("g")["v"].mean(), {"x": 2.0, "y": 2.0}),
    "groups of two levels": (lambda: FRAME.groupby(["g", "v"]).size(), {"('x', 1)": 1, "('x', 3)": 1, "('y', 2)": 1}),
    "a column": (lambda: FRAME["v"], [1, 2, 3]),
    "a column, filtered": (lambda: FRAME["v"][FRAME["v"] > 1], {"1": 2, "2": 3}),
    "a column, sorted": (lambda: FRAME["v"].sort_values(ascending=False), {"2": 3, "1": 2, "0": 1}),
    "a row": (lambda: FRAME.iloc[0], {"g": "x", "v": 1}),
    "days as labels": (
        lambda: pd.Series([1, 2], DAYS),
        {"2024-01-01T00:00:00+01:00": 1, "2024-01-02T00:00:00+01:00": 2},
    ),
    "labels that are missing": (lambda: pd.Series(["a", None]).value_counts(dropna=False), {"a": 1, "nan": 1}),
    "labels that are numbers": (lambda: pd.Series([1, 2], [1.5, True]), {"1.5": 1, "true": 2}),
    "an index of 0 and 1 by name": (lambda: pd.Series([5, 6], pd.Index([0, 1], name="id")), [5, 6]),
    "no labels": (lambda: pd.Series([], dtype=float), []),
    "labels of text, none there": (lambda: FRAME["g"][:0].value_counts(), {}),
    "dtypes": (lambda: pd.DataFrame({"a": [1], "b": [0.5]}).dtypes, {"a": "int64", "b": "float64"}),
    "a series of series": (lambda: {"a": pd.Series([NAN], ["x"])}, {"a": {"x": None}}),
    "a frame with an index": (
        lambda: FRAME.groupby("g").sum(),
        [{"g": "x", "v": 4}, {"g": "y", "v": 2}],
    ),
    "a frame, filtered": (lambda: FRAME[FRAME.v > 2], [{"index": 2, "g": "x", "v": 3}]),
    "describe": (lambda: FRAME[["v"]].describe().loc[["count"]], [{"index": "count", "v": 3.0}]),
    "a frame with levels": (
        lambda: FRAME.groupby(["g", "v"]).size().to_frame("n").iloc[:1],
        [{"g": "x", "v": 1, "n": 1}],
    ),
    "levels without names": (
        lambda: pd.DataFrame({"a": [1]}, pd.MultiIndex.from_tuples([("x", 2)])),
        [{"level_0": "x", "level_1": 2, "a": 1}],
    ),
    "an index beside a column of its name": (
        lambda: pd.DataFrame({"index": [1]}, ["x"]),
        [{"level_0": "x", "index": 1}],
    ),
    "columns of levels": (lambda: pd.DataFrame({("a", 1): [1], ("a", 2): [2]}), [{"('a', 1)": 1, "('a', 2)": 2}]),
    "columns that are numbers": (lambda: pd.DataFrame([[1, 2]]), [{"0": 1, "1": 2}]),
    "only an index": (lambda: pd.DataFrame(index=["x"]), [{"index": "x"}]),
    "days as an index": (lambda: pd.DataFrame({"v": [1]}, DAYS[:1]), [{"index": "2024-01-01T00:00:00+01:00", "v": 1}]),
    "text with gaps": (lambda: pd.Series(["a", None], dtype="str"), ["a", None]),
    "unique": (lambda: FRAME["g"].unique(), ["x", "y"]),
    "nullable numbers": (lambda: pd.array([1, None], dtype="Int64"), [1, None]),
    "nullable truth": (lambda: pd.Series([True, None], dtype="boolean"), [True, None]),
    "categories": (lambda: pd.Categorical(["b", None, "b"]), ["b", None, "b"]),
    "an index of categories": (lambda: pd.CategoricalIndex(["b"]), ["b"]),
    "a period": (lambda: pd.Period("2024-01", "M"), "2024-01"),
    "periods": (lambda: pd.period_range("2024-01", periods=2, freq="M"), ["2024-01", "2024-02"]),
    "periods as labels": (lambda: pd.Series([1], pd.period_range("2024-01", periods=1, freq="M")), {"2024-01": 1}),
    "an interval": (lambda: pd.Interval(0, 1), "(0, 1]"),
    "intervals": (lambda: pd.interval_range(0, 2).array, ["(0, 1]", "(1, 2]"]),
    "cut": (lambda: pd.cut([1, 5], [0, 3, 6]), ["(0, 3]", "(3, 6]"]),
    "cut, counted": (lambda: pd.cut(pd.Series([1, 5, NAN]), [0, 3, 6]).value_counts(), {"(0, 3]": 1, "(3, 6]": 1}),
    "cut, as a column": (lambda: pd.DataFrame({"c": pd.cut([1, NAN], [0, 3])}), [{"c": "(0, 3]"}, {"c": None}]),
    "an offset": (lambda: pd.offsets.MonthEnd(2), "2ME"),
    "an array's type": (lambda: np.dtype("f8"), "float64"),
    "a type of pandas": (lambda: pd.CategoricalDtype(), "category"),
    "NA in a list": (lambda: [pd.NA, pd.NaT, NAN], [None, None, None]),
    "sparse": (lambda: pd.arrays.SparseArray([0, 0, 1.5]), [0.0, 0.0, 1.5]),
    "sparse with gaps": (lambda: pd.Series(pd.arrays.SparseArray([NAN, 1.5])), [None, 1.5]),
    "days with gaps": (lambda: pd.Series([DAYS[0], None]), ["2024-01-01T00:00:00+01:00", None]),
    "an array of days": (lambda: DAYS.array[:1], ["2024-01-01T00:00:00+01:00"]),
    "durations": (lambda: pd.array([pd.Timedelta("1s"), None]), ["P0DT0H0M1S", None]),
    "complex": (lambda: [1j, complex(NAN, 2)], [[0.0, 1.0], [None, 2.0]]),
    "complex arrays": (lambda: np.array([[1j]]), [[[0.0, 1.0]]]),
    "complex of numpy": (lambda: [np.complex64(1j), np.complex128(NAN)], [[0.0, 1.0], [None, 0.0]]),
    "a complex column": (lambda: pd.Series([1j]), [[0.0, 1.0]]),
    "bytes": (lambda: [b"\xff\x00", bytearray(b""), memoryview(b"ab")], ["/wA=", "", "YWI="]),
    "bytes of numpy": (lambda: [np.bytes_(b"x"), np.array([b"x"]), pd.Series([b"x"])], ["eA==", ["eA=="], ["eA=="]]),
    "keys": (lambda: {"a": 1, "b": 2}.keys(), ["a", "b"]),
    "values": (lambda: {"a": 1}.values(), [1]),
    "items": (lambda: {"a": 1}.items(), [["a", 1]]),
    "an ordered view": (lambda: collections.OrderedDict(b=1, a=2).keys(), ["b", "a"]),
    "range": (lambda: range(3), [0, 1, 2]),
    "deque": (lambda: collections.deque([1, NAN]), [1, None]),
    "array": (lambda: array.array("d", [0.5]), [0.5]),
    "a generator": (lambda: count(3), [0, 1, 2]),
    "a generator beside what is refused at first": (lambda: [count(2), NAN, count(1)], [[0, 1], None, [0]]),
    "generators of generators": (lambda: (count(i) for i in range(3)), [[], [0], [0, 1]]),
    "map": (lambda: map(str, [1]), ["1"]),
    "zip": (lambda: zip([1], "a", strict=True), [[1, "a"]]),
    "a reader of CSV": (lambda: csv.reader(["a,b"]), [["a", "b"]]),
    "a mapping": (Folder, {"a": 1, "b": 2}),
    "a sequence": (Shelf, ["x", "y"]),
    "a set": (Bag, [3, 1]),
    "a proxy": (lambda: types.MappingProxyType({1: {2}}), {"1": [2]}),
    "a chain": (lambda: collections.ChainMap({"a": 1}, {"a": 2}), {"a": 1}),
    "a user's dict, list, text": (
        lambda: [collections.UserDict(a=1), collections.UserList([1]), collections.UserString("x")],
        [{"a": 1}, [1], "x"],
    ),
    "rows of sqlite": (lambda: rows("select 1 as a, x'ff' as b"), [{"a": 1, "b": "/w=="}]),
    "a model": (lambda: Model([Model(NAN)]), {"inner": [{"inner": None}]}),
    "a table": (Table, [{"a": 1}, {"a": None}]),
    "a column of a table": (Column, [1, None]),
    "a row of a database": (Row, {"id": 1, "name": "eA=="}),
    "attrs": (Attrs, {"x": 1, "y": [2]}),
    "keys of all kinds": (
        lambda: {b"x": 1, 1j: 2, (np.int64(1), pd.Timestamp(0)): 3, pd.Period("2024"): 4, range(2): 5},
        {"b'x'": 1, "1j": 2, "(1, '1970-01-01T00:00:00')": 3, "2024": 4, "range(0, 2)": 5},
    ),
    "keys that look like others": (lambda: {"1": 1, "true": 2, "null": 3, "-1": {"1": {"1": 1}}}, None),
}


@pytest.mark.parametrize("name", CASES)
def test_it_becomes_json(name: str) -> None:
    make, want = CASES[name]
    want = make() if want is None else want
    assert json.loads(results.encode(make())) == want
    # The same within something that takes the slow way.
    assert json.loads(results.encode({"value": make(), "slow": NAN})) == {"value": want, "slow": None}


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "columns": (lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]), '$ has two columns that are "a" as text'),
    "columns 1 and '1'": (
        lambda: {"t": pd.DataFrame([[1, 2]], columns=[1, "1"])},
        '$.t has two columns that are "1" as text',
    ),
    "a column and the index": (lambda: FRAME.set_index("g", drop=False), '$ has two columns that are "g" as text'),
    "labels": (lambda: [0, pd.Series([1, 2], ["x", "x"])], '$[1] has two labels that are "x" as text'),
    "labels 1 and '1'": (lambda: pd.Series([1, 2], [1, "1"]), '$ has two labels that are "1" as text'),
    "keys": (lambda: {"a": {1: 1, "1": 2}}, '$.a has two keys that are "1" as text'),
    "keys, deep in a list": (
        lambda: [[{"x1": 0}, {True: 1, "true": 2}]],
        '$[0][1] has two keys that are "true" as text',
    ),
    "keys, none": (lambda: {None: 1, "null": 2}, '$ has two keys that are "null" as text'),
    "keys, negative": (lambda: {-1.5: 1, "-1.5": 2}, '$ has two keys that are "-1.5" as text'),
    "keys that are tuples": (lambda: {(1,): 1, "(1,)": 2}, '$ has two keys that are "(1,)" as text'),
    "keys in a frame": (lambda: pd.DataFrame({"a": [{1: 1, "1": 2}]}), '$[0].a has two keys that are "1" as text'),
    "keys of a mapping": (lambda: collections.UserDict({1: 1, "1": 2}), '$ has two keys that are "1" as text'),
    "columns of a row": (lambda: rows("select 1 as a, 2 as a"), '$[0] has two columns that are "a" as text'),
    "a half of a character in a label": (lambda: [pd.Series([1], ["\ud800"])], "$[0] contains a lone surrogate"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_lost_is_refused_with_its_place(name: str) -> None:
    make, want = REFUSED[name]
    with pytest.raises(results.NotJSON) as refused:
        results.encode(make())
    assert str(refused.value).startswith(want)


def test_long_numbers_beside_keys_that_are_numbers_are_quick() -> None:
    value = {"1": int("7" * 100_000)}
    assert len(results.encode(value)) == 100_006


def endless(value: Any = 1) -> Iterator[Any]:
    while True:
        yield value


class EndlessMapping(Folder):
    def items(self) -> Any:
        return ((f"k{i}", i) for i in itertools.count())


class EndlessSequence(Shelf):
    def __getitem__(self, i: Any) -> Any:
        return {}


ENDLESS: dict[str, Callable[[], Any]] = {
    "a generator": endless,
    "of lists": lambda: endless([]),
    "of texts": lambda: endless("x" * 1000),
    "of endless ones": lambda: endless(endless()),
    "beside others": lambda: {"a": [1, endless()]},
    "a mapping": EndlessMapping,
    "a sequence": EndlessSequence,
    "a long range": lambda: range(10**30),
    "long texts, often": lambda: (text for text in itertools.repeat("ü" * 10_000)),
    "a list that is long": lambda: [0] * 60_000,
    "a list that is long, by the slow way": lambda: [NAN] * 30_000,
    "a text that is long": lambda: "x" * 100_000,
}


@pytest.mark.parametrize("make", ENDLESS.values(), ids=ENDLESS)
def test_what_does_not_end_ends_at_the_limit(make: Callable[[], Any]) -> None:
    with pytest.raises(results.TooLarge):
        results.encode(make(), 100_000)


def test_what_can_be_read_once_is_left_to_later_calls() -> None:
    for once in (count(3), map(str, [1]), iter([1]), csv.reader(["a"])):
        for value in (once, {"in": [NAN, once]}):
            with pytest.raises(results.NotJSON, match="cannot be converted"):
                results.encode(value, drain=False)
        assert json.loads(results.encode(once)) != []
    assert results.encode([range(2), {}.keys()], drain=False) == b"[[0,1],[]]"


def test_the_limit_is_that_of_the_json() -> None:
    for value in ([1, 2, 3], ["ü", NAN], {"a": NAN}, range(4), {}, "x"):
        size = len(results.encode(value))
        assert len(results.encode(value, size)) == size
        with pytest.raises(results.TooLarge):
            results.encode(value, size - 1)
