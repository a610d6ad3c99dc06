"""Every type that the contract names, and what cannot be converted."""

import dataclasses
import datetime as dt
import decimal
import enum
import io
import json
import pathlib
import sys
import unittest.mock
import uuid
from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pyworker import frames, results

results.prepare()


class Colour(enum.Enum):
    RED = "red"
    AT = dt.date(2020, 1, 2)


class Level(enum.IntEnum):
    HIGH = 3


class Word(enum.StrEnum):
    YES = "yes"


@dataclasses.dataclass
class Point:
    x: int
    y: Any


Pair = namedtuple("Pair", "a b")
TZ = dt.timezone(dt.timedelta(hours=2))
NAN = float("nan")

CASES: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    ("ü\x00😀", "ü\x00😀"),
    (1.5, 1.5),
    ([1, [2, (3,)]], [1, [2, [3]]]),
    (Pair(1, 2), [1, 2]),
    (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    (defaultdict(int, a=1), {"a": 1}),
    ({3, 1, 2}, [1, 2, 3]),
    (frozenset(["b", "a"]), ["a", "b"]),
    (Colour.RED, "red"),
    (Colour.AT, "2020-01-02"),
    ([Level.HIGH, Word.YES], [3, "yes"]),
    (Point(1, Point(2, {3})), {"x": 1, "y": {"x": 2, "y": [3]}}),
    (dt.datetime(2020, 1, 2, 3, 4, 5, 6, TZ), "2020-01-02T03:04:05.000006+02:00"),
    (dt.date(2020, 1, 2), "2020-01-02"),
    (dt.time(3, 4), "03:04:00"),
    (dt.timedelta(days=1, hours=2, seconds=3.5), "P1DT2H0M3.5S"),
    (dt.timedelta(hours=-1), "P-1DT23H0M0S"),
    (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    (decimal.Decimal("1.10"), "1.10"),
    (pathlib.Path("a/b"), "a/b"),
    ([NAN, float("inf"), -float("inf"), 1.0], [None, None, None, 1.0]),
    ({"deep": [{"x": NAN}]}, {"deep": [{"x": None}]}),
    ({1: "a", 2.5: "b", None: "c"}, {"1": "a", "2.5": "b", "null": "c"}),
    ({True: 1, (1, 2): 2, dt.date(2020, 1, 2): 3}, {"true": 1, "(1, 2)": 2, "2020-01-02": 3}),
    ({np.int64(1): 1, Colour.RED: 2, uuid.UUID(int=7): 3}, {"1": 1, "red": 2, str(uuid.UUID(int=7)): 3}),
    (np.int8(-3), -3),
    (np.uint64(2**64 - 1), 2**64 - 1),
    (np.float32(1.5), 1.5),
    (np.float64(NAN), None),
    (np.float32(NAN), None),
    (np.longdouble(1.5), 1.5),
    (np.bool_(True), True),
    (np.str_("x"), "x"),
    (np.datetime64("2020-01-02T03"), "2020-01-02T03"),
    (np.datetime64("NaT"), None),
    (np.timedelta64(90, "s"), "P0DT0H1M30S"),
    (np.arange(6).reshape(2, 3), [[0, 1, 2], [3, 4, 5]]),
    (np.array(5), 5),
    (np.array([1.0, NAN]), [1.0, None]),
    (np.array([[1.0, np.inf]], dtype=np.float16), [[1.0, None]]),
    (np.array([1.5], dtype=np.longdouble), [1.5]),
    (np.array([], dtype=float), []),
    (np.array(["a", "bc"]), ["a", "bc"]),
    (np.array([True, False]), [True, False]),
    (np.array([None, 1, {2}, NAN], dtype=object), [None, 1, [2], None]),
    (np.array(["2020-01-02", "NaT"], dtype="M8[D]"), ["2020-01-02", None]),
    (np.array([60], dtype="m8[s]"), ["P0DT0H1M0S"]),
    (np.array([(1, 2.5)], dtype=[("a", int), ("b", float)]), [[1, 2.5]]),
    (np.ma.array([1, 2], mask=[False, True]), [1, None]),
    (pd.Timestamp("2020-01-02T03:04:05.000000006", tz="UTC"), "2020-01-02T03:04:05.000000006+00:00"),
    ([pd.NaT, pd.NA], [None, None]),
    (pd.Timedelta("1D 00:00:01.5"), "P1DT0H0M1.5S"),
    (pd.Series([1, 2]), [1, 2]),
    (pd.Series([1.0, None]), [1.0, None]),
    (pd.Series([1, None], dtype="Int64"), [1, None]),
    (pd.Series(["a", None]), ["a", None]),
    (pd.Series(["a", "b"], dtype="category"), ["a", "b"]),
    (pd.Series(pd.to_datetime(["2020-01-02", None])), ["2020-01-02T00:00:00", None]),
    (pd.Index([1, 2]), [1, 2]),
    (pd.MultiIndex.from_tuples([(1, "a")]), [[1, "a"]]),
    (pd.date_range("2020-01-02", periods=1), ["2020-01-02T00:00:00"]),
    (pd.DataFrame({"a": [1, 2], "b": [NAN, 0.5]}), [{"a": 1, "b": None}, {"a": 2, "b": 0.5}]),
    (pd.DataFrame({1: [1], (2, "x"): ["y"]}), [{"1": 1, "(2, 'x')": "y"}]),
    (pd.DataFrame({"a": []}), []),
    (pd.DataFrame(index=[0, 1]), [{}, {}]),
    ({"frame": pd.DataFrame({"d": [dt.date(2020, 1, 2)]}), "x": NAN}, {"frame": [{"d": "2020-01-02"}], "x": None}),
]


@pytest.mark.parametrize(("value", "want"), CASES, ids=lambda value: repr(value)[:40])
def test_the_contracts_types_become_json(value: Any, want: Any) -> None:
    assert json.loads(results.encode(value)) == want
    # The same within something that takes the slow way.
    assert json.loads(results.encode({"value": value, "slow": NAN})) == {"value": want, "slow": None}


def test_integers_keep_every_digit() -> None:
    assert results.encode(10**5000) == b"1" + b"0" * 5000
    assert results.encode([2**200, NAN]) == str([2**200]).replace("]", ",null]").encode()


@pytest.mark.parametrize(
    ("value", "place", "half"),
    [
        ("\ud83d", "$ contains", "\\ud83d"),
        (["ü", "x\udcff"], "$[1] contains", "\\udcff"),
        ({"a": {"\udca9\ud83d": 1}}, "a key of $.a contains", "\\udca9"),
        ([pathlib.PurePath("\udcff")], "$[0] contains", "\\udcff"),
        ({pathlib.PurePath("\udcff"): 1}, "a key of $ contains", "\\udcff"),
        (pd.Series(["\ud800"]), "$[0] contains", "\\ud800"),
    ],
)
def test_a_lone_surrogate_is_named_and_not_sent(value: Any, place: str, half: str) -> None:
    with pytest.raises(results.NotJSON) as caught:
        results.encode(value)
    assert str(caught.value).startswith(place)
    assert half in str(caught.value)


def test_whole_characters_are_sent_whatever_they_are() -> None:
    text = "\x00\x7f\u2028\ue000\uffff😀\U0010ffff"
    assert json.loads(results.encode({text: [text, NAN]})) == {text: [text, None]}


def test_text_of_errors_may_hold_halves_which_become_escapes() -> None:
    assert results.encode_plain(["ü", "\udcff"]) == b'["\\u00fc","\\udcff"]'


@pytest.mark.parametrize(
    ("value", "place", "kind"),
    [
        (object(), "$", "object"),
        ({"rows": [1, 2, 3, {"when": object()}]}, "$.rows[3].when", "object"),
        (Point(1, lambda: 0), "$.y", "function"),
        (pd.DataFrame({"a": [1, object()]}), "$[1].a", "object"),
        ({"class": int}, "$.class", "type"),
        ([io.StringIO("x")], "$[0]", "StringIO"),
        (unittest.mock.Mock(), "$", "Mock"),
        ({"spec": unittest.mock.Mock(spec=dict)}, "$.spec", "Mock"),
    ],
)
def test_what_has_no_json_form_is_named_with_its_place(value: Any, place: str, kind: str) -> None:
    with pytest.raises(results.NotJSON) as refused:
        results.encode(value)
    assert str(refused.value) == f"{place} has type {kind}, which cannot be converted to JSON"
    assert refused.value.type_name == kind


@pytest.fixture
def recursion_as_when_judging() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(4000)
    yield
    sys.setrecursionlimit(before)


def nested(depth: int, wrap: Callable[[Any], Any], inmost: Any) -> Any:
    for _ in range(depth):
        inmost = wrap(inmost)
    return inmost


WRAPPINGS: dict[str, Callable[[Any], Any]] = {
    "lists": lambda value: [value],
    "tuples": lambda value: (value,),
    "objects": lambda value: {"k": value},
    "lists beside others": lambda value: [0, value, "x"],
    "objects beside brackets in strings": lambda value: {"]}": value, "[": '\\"[{'},
    "keys that need the slow way": lambda value: {None: value},
    "dataclasses": lambda value: Point(value, 1),
}


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS.keys())
@pytest.mark.parametrize("inmost", [1, "]", NAN])
@pytest.mark.usefixtures("recursion_as_when_judging")
def test_results_are_nested_up_to_the_limit_and_no_deeper(wrap: Callable[[Any], Any], inmost: Any) -> None:
    assert results.encode(nested(frames.MAX_RESULT_DEPTH, wrap, inmost))
    with pytest.raises(results.NotJSON, match=f"nested more than {frames.MAX_RESULT_DEPTH} deep"):
        results.encode(nested(frames.MAX_RESULT_DEPTH + 1, wrap, inmost))


def test_many_values_side_by_side_are_not_deep() -> None:
    values: list[Any] = [[[]] * 10_000, [{"a[": '\\"]', "b": [1]}] * 10_000, ['"', "\\", "[" * 1000] * 1000]
    for value in values:
        assert json.loads(results.encode(value)) == value


@pytest.mark.usefixtures("recursion_as_when_judging")
def test_cycles_and_deep_nesting_are_refused() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    for value in (cycle, nested(100_000, lambda value: [value], [])):
        with pytest.raises(results.NotJSON, match="nested more than"):
            results.encode(value)


def test_shared_values_are_not_cycles() -> None:
    shared = [1]
    assert results.encode([shared, shared, NAN]) == b"[[1],[1],null]"


EVERY_CONTROL = "".join(map(chr, range(0x21)))


@pytest.mark.parametrize(
    "end",
    ["", "\n", '"', "\\", '\\"\n\\n', "\x00\x1f\x7f", "é\u2028😀", EVERY_CONTROL, "\\u0001\x01", "\x1f" * 1000],
    ids=ascii,
)
@pytest.mark.parametrize("lowest", [None, min], ids=["without numpy", "with it"])
@pytest.mark.parametrize("piece", [1 << 17, 100], ids=["one piece", "many pieces"])
def test_a_large_text_is_encoded_as_a_small_one_is(
    end: str, lowest: Any, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "_lowest", lowest)
    monkeypatch.setattr(results, "_CACHED", piece)
    text = end + "0123456789abcdef" * 2000 + end
    assert results.encode(text) == json.dumps(text, ensure_ascii=False).encode()


def test_a_large_text_has_the_limit_of_its_json() -> None:
    text = '"' * 20_000
    assert len(results.encode(text, 40_002)) == 40_002
    with pytest.raises(results.TooLarge):
        results.encode(text, 40_001)
    with pytest.raises(results.NotJSON, match="surrogate"):
        results.encode("x" * 20_000 + "\ud800")


@pytest.mark.usefixtures("recursion_as_when_judging")
def test_depth_is_found_among_few_brackets_and_many() -> None:
    for size in (1, 251, 499, 500):
        flat: list[Any] = [[]] * size
        assert results.encode([flat, "x" * 2000]) == json.dumps([flat, "x" * 2000], separators=(",", ":")).encode()
    deep = nested(frames.MAX_RESULT_DEPTH - 2, lambda value: [value], [])
    assert json.loads(results.encode([deep, "[" * 2000])) == [deep, "[" * 2000]
    with pytest.raises(results.NotJSON, match="nested more than"):
        results.encode([[deep], "[" * 2000])
