"""Converts what main returned to JSON.

The fast way is the C encoder, with a hook for types that it does not know. It fails
at NaN and infinities, at keys of other types, and at values that cannot be converted
at all. Then the slow way walks the value, replaces what it can, and names the place of
what it cannot convert ("$.rows[3].when").
"""

import builtins
import dataclasses
import datetime
import decimal
import enum
import json.encoder
import math
import pathlib
import re
import sys
import uuid
from collections.abc import Iterable
from typing import Any

from pyworker import frames

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_MAX_DEPTH = frames.MAX_RESULT_DEPTH
_MAX_STEPS = 100  # conversions from a value to its JSON form; most need one
_BRACES_AS_BRACKETS = bytes.maketrans(b"{}", b"[]")
_ALL_BUT_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"\\'))
_TEXT = (uuid.UUID, decimal.Decimal, pathlib.PurePath)
_MOMENT = (datetime.datetime, datetime.date, datetime.time)

_numpy: Any = None
_pandas: Any = None
_quick: Any = None
_finish: Any = None
_modules, _allow_long_integers = sys.modules, sys.set_int_max_str_digits
_drop_strings = re.compile(rb'"[^"]*"').sub


class NotJSON(Exception):
    """main returned a value that JSON cannot represent; place and type say which."""

    def __init__(self, place: str, value: object, why: str = "") -> None:
        name = type(value).__name__
        super().__init__(f"{place} {why}" if why else f"{place} has type {name}, which cannot be converted to JSON")
        self.type_name = name


def prepare() -> None:
    """Prepares encode, after the preloads and before any script."""
    global _quick, _finish
    _know_libraries()
    make: Any = vars(json.encoder)["c_make_encoder"]
    string = json.encoder.encode_basestring
    ascii_string = json.encoder.encode_basestring_ascii
    if make is None:
        raise ImportError("this Python has no _json module")

    def quick(value: object) -> str:
        return "".join(make({}, _simpler, string, None, ":", ",", False, False, False)(value, 0))

    def finish(value: object) -> str:
        return "".join(make(None, None, ascii_string, None, ":", ",", False, False, False)(value, 0))

    _quick, _finish = quick, finish


def _know_libraries() -> None:
    """Finds numpy and pandas if they are loaded, whether before the script or by it."""
    global _numpy, _pandas
    _numpy, _pandas = _numpy or _modules.get("numpy"), _pandas or _modules.get("pandas")


def encode(value: object) -> bytes:
    """Returns the value as JSON in UTF-8. Raises NotJSON if it cannot be converted."""
    _know_libraries()
    _allow_long_integers(0)
    try:
        text: bytes = _quick(value).encode()
        if _is_shallow(text):
            return text
    except Exception:  # the slow way below finds the reason
        pass
    return encode_plain(_plain(value, "$", 0))


def _is_shallow(text: bytes) -> bool:
    """Reports whether arrays and objects in this JSON are nested at most _MAX_DEPTH deep.

    The C encoder does not report the depth. So everything except brackets is removed,
    and then empty pairs of brackets, which reduces the depth by one each time. Each
    step is one call into C, and short texts need none.
    """
    if len(text) <= 2 * _MAX_DEPTH:
        return True
    rest = text.translate(_BRACES_AS_BRACKETS, _ALL_BUT_STRUCTURE).replace(b'""', b"")
    if b'"' in rest:  # strings that contain brackets, quotes or backslashes
        bare = _drop_strings(b"", text.replace(b"\\\\", b"").replace(b'\\"', b""))
        rest = bare.translate(_BRACES_AS_BRACKETS, _ALL_BUT_STRUCTURE)
    depth = 0
    while rest and depth < _MAX_DEPTH:
        rest = rest.replace(b"[]", b"")
        depth += 1
    return not rest


def encode_plain(value: object) -> bytes:
    """Encodes a value of JSON's own types; lone surrogates, which have no UTF-8 form, become escapes."""
    return _finish(value).encode()  # type: ignore[no-any-return]


def _simpler(value: Any) -> Any:
    """Converts value one step towards JSON's own types. Raises NotJSON if there is no conversion."""
    if isinstance(value, enum.Enum):
        return value.value
    if _pandas is not None and (value is _pandas.NaT or value is _pandas.NA):
        return None
    if isinstance(value, _MOMENT):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return _duration(value)
    if isinstance(value, _TEXT):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, (set, frozenset)):
        return _sorted(value)
    if _numpy is not None and isinstance(value, (_numpy.ndarray, _numpy.generic)):
        return _from_numpy(value)
    if _pandas is not None:
        if isinstance(value, _pandas.DataFrame):
            names = [_key(name, "$") for name in value.columns]
            if not names:
                return [{} for _ in range(len(value))]
            columns = [_column(value.iloc[:, i]) for i in range(len(names))]
            return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        if isinstance(value, (_pandas.Series, _pandas.Index)):
            return _column(value)
    raise NotJSON("the value", value)


def _from_numpy(value: Any) -> Any:
    kind = value.dtype.kind
    if kind in "biu" or kind in "OUT":
        return value.tolist()
    if kind == "f":
        narrow = value.astype(_numpy.float64) if value.dtype.itemsize > 8 else value
        if bool(_numpy.isfinite(narrow).all()):
            return narrow.tolist()
        return _numpy.where(_numpy.isfinite(narrow), narrow.astype(object), None).tolist()
    if kind == "M":
        text = _numpy.datetime_as_string(value)
        return _numpy.where(_numpy.isnat(value), None, text.astype(object)).tolist()
    if kind == "m" and _pandas is not None:
        return [_from_numpy(item) for item in value] if value.ndim else _simpler(_pandas.Timedelta(value))
    if kind == "V" and value.dtype.names:
        return [_from_numpy(item) for item in value] if value.ndim else [value[name] for name in value.dtype.names]
    raise NotJSON("the value", value)


def _column(values: Any) -> Any:
    """Converts a Series or Index to a list; numbers use numpy's fast way."""
    if isinstance(values.dtype, _numpy.dtype) and values.dtype.kind in "biuf":
        return _from_numpy(values.to_numpy())
    return values.tolist()


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


def _whole(text: str, place: str) -> str:
    """Returns text. Raises NotJSON if it contains a lone surrogate.

    JSON can escape one, but its meaning is up to the reader (RFC 8259, section 8.2):
    some reject the whole document, others replace it with U+FFFD.
    """
    try:
        str.encode(text)
    except UnicodeEncodeError as half:
        raise NotJSON(
            place, text, f"contains a lone surrogate, \\u{ord(text[half.start]):04x}, which is not a character"
        ) from None
    return text


def _key(key: Any, place: str) -> str:
    """Converts a key to a string, as json.dumps and isoformat do."""
    if isinstance(key, str):
        return _whole(str.__str__(key), f"a key of {place}")
    try:
        plain = key if isinstance(key, (bool, int, float, type(None))) else _simpler(key)
    except NotJSON:
        plain = key
    if isinstance(plain, str):
        return _whole(plain, f"a key of {place}")
    if isinstance(plain, (bool, type(None))):
        return {True: "true", False: "false", None: "null"}[plain]
    return str(plain)


def _plain(value: Any, place: str, depth: int) -> Any:
    """Converts the value to JSON's own types. Raises NotJSON with the place. depth is its nesting depth."""
    for _ in range(_MAX_STEPS):
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return _whole(value, place)
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else None
        if isinstance(value, (dict, list, tuple)):
            if depth >= _MAX_DEPTH:
                raise NotJSON(f"{place[:40]}…", value, f"is nested more than {_MAX_DEPTH} deep or contains itself")
            if isinstance(value, dict):
                return {(k := _key(key, place)): _plain(item, f"{place}.{k}", depth + 1) for key, item in value.items()}
            return [_plain(item, f"{place}[{i}]", depth + 1) for i, item in enumerate(value)]
        try:
            value = _simpler(value)
        except NotJSON:
            raise NotJSON(place, value) from None
    raise NotJSON(place, value)
