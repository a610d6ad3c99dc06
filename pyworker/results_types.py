"""Converts a value of a type that JSON does not have one step towards one that it has.

Types are looked up on the class, never on the object, so that objects which claim to be
everything (a mock, a proxy) are what they are. What gives its items one by one becomes
Items or Pairs, which only the slow way takes: it counts them.
"""

import binascii
import builtins
import collections
import collections.abc
import dataclasses
import datetime
import decimal
import enum
import io
import pathlib
import sys
import uuid
from collections.abc import Iterable
from typing import Any

from pyworker import results_pandas
from pyworker.results_unfit import Unfit, unique

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_Mapping, _Iterator, _Sequence = collections.abc.Mapping, collections.abc.Iterator, collections.abc.Sequence
_Views = (collections.abc.Set, collections.abc.MappingView)
_TEXT = (uuid.UUID, decimal.Decimal, pathlib.PurePath, collections.UserString)
_MOMENT = (datetime.datetime, datetime.date, datetime.time)
_BYTES = (bytes, bytearray, memoryview)
# Methods without arguments that give simpler values: pydantic's, polars', pyarrow's, SQLAlchemy's.
_METHODS = ("model_dump", "to_dicts", "to_pylist", "_asdict", "to_list", "as_py")
_NAMES = ("_fields", "column_names")  # names of columns, which such a method would merge if they are the same

_modules = sys.modules
_parents, _dict_of = vars(type)["__mro__"].__get__, vars(type)["__dict__"].__get__
_base64, _fields = binascii.b2a_base64, dataclasses.fields
_Enum, _timedelta, _IOBase = enum.Enum, datetime.timedelta, io.IOBase


class Items:
    """Items that come one by one; an array."""

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = items


class Pairs:
    """Keys and values that come one by one; an object. whole is what they are of."""

    def __init__(self, pairs: Iterable[tuple[Any, Any]], whole: object) -> None:
        self.pairs, self.whole = pairs, whole


def simpler(value: Any) -> Any:
    """Converts value one step towards JSON's own types. Raises Unfit if there is no conversion."""
    kind = type(value)
    if issubclass(kind, _Enum):
        return value.value
    if results_pandas.is_missing(value):
        return None
    if issubclass(kind, _MOMENT):
        return value.isoformat()
    if issubclass(kind, _timedelta):
        return _duration(value)
    if issubclass(kind, _TEXT):
        return str(value)
    if _offers(kind, "__dataclass_fields__"):
        return {field.name: getattr(value, field.name) for field in _fields(value)}
    if issubclass(kind, (set, frozenset)):
        return _sorted(value)
    made = results_pandas.convert(value, key_of)
    return _by_interface(value, kind) if made is results_pandas.OTHER else made


def _by_interface(value: Any, kind: type) -> Any:
    if issubclass(kind, _BYTES):
        return _base64(value, newline=False).decode("ascii")
    if issubclass(kind, complex):
        return [value.real, value.imag]
    for method in _METHODS:
        if _offers(kind, method):
            for names in _NAMES:
                if _offers(kind, names):
                    unique([key_of(name) for name in getattr(value, names)], "columns")
            return getattr(value, method)()
    if _offers(kind, "__attrs_attrs__"):
        return {field.name: getattr(value, field.name) for field in kind.__attrs_attrs__}  # type: ignore[attr-defined]
    if (sqlite := _modules.get("sqlite3")) and issubclass(kind, sqlite.Row):
        return dict(zip(unique(value.keys(), "columns"), value, strict=True))
    if issubclass(kind, _Mapping):
        return Pairs(value.items(), value)
    if issubclass(kind, (_Sequence, *_Views)) or (issubclass(kind, _Iterator) and not issubclass(kind, _IOBase)):
        return Items(value)
    raise Unfit


def _offers(kind: type, name: str) -> bool:
    return any(name in _dict_of(parent) for parent in _parents(kind))


def _duration(value: Any) -> str:
    """Returns ISO 8601 in days and smaller units, as pandas writes it."""
    if hasattr(value, "isoformat"):
        return value.isoformat()  # type: ignore[no-any-return]
    minutes, seconds = divmod(value.seconds, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    return f"P{value.days}DT{minutes // 60}H{minutes % 60}M{seconds}{fraction}S"


def _sorted(values: Iterable[Any]) -> list[Any]:
    try:
        return sorted(values)
    except TypeError:
        return list(values)


def key_of(key: Any) -> str:
    """Converts a key or a label to text, as json.dumps and isoformat do. Raises Unfit if that is no text."""
    text = key if type(key) is str else _key_text(key)
    try:
        text.encode()
    except UnicodeEncodeError as half:
        raise Unfit.of_half(half) from None
    return text


def _key_text(key: Any) -> str:
    kind, plain = type(key), key
    if issubclass(kind, str):
        return str.__str__(key)
    if kind is tuple:
        return str(tuple(map(_part, key)))
    if not issubclass(kind, (bool, int, float, bytes, complex, type(None))):
        try:
            plain = simpler(key)
        except Unfit:
            return str.__str__(str(key))
    if plain is None or plain is True or plain is False:
        return {True: "true", False: "false", None: "null"}[plain]
    if isinstance(plain, (str, int, float)) or issubclass(kind, (_Enum, frozenset)):
        return str.__str__(str(plain))
    return str.__str__(str(plain if _offers(kind, "__dataclass_fields__") else key))


def _part(part: Any) -> Any:
    """Returns a part of a tuple as its text shows it: 1 and not np.int64(1), a day and not Timestamp(…)."""
    if type(part) is tuple:
        return tuple(map(_part, part))
    try:
        made = simpler(part)
    except Unfit:
        return part
    return made if made is None or isinstance(made, (str, int, float)) else part
