"""Converts what main returned to JSON.

The fast way is the C encoder, with a hook for types that it does not know. It fails
at NaN and infinities, at keys of other types, at what comes one item at a time, and at
values that cannot be converted at all. Then the slow way walks the value, replaces what
it can, and names the place of what it cannot convert ("$.rows[3].when").

Both ways call methods of the script's objects, which may do anything: they run in the
script's process, within its limits. What they return is walked like everything else,
counted against the limit of the result as it comes, and never asked for its length.
"""

import builtins
import json.decoder
import json.encoder
import math
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from pyworker import frames, results_pandas
from pyworker.results_types import Items, Pairs, key_of, simpler
from pyworker.results_unfit import Unfit, twin

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_MAX_DEPTH = frames.MAX_RESULT_DEPTH
_MAX_STEPS = 100  # conversions from a value to its JSON form; most need one
_NO_LIMIT = 1 << 62
_BRACES_AS_BRACKETS = bytes.maketrans(b"{}", b"[]")
_ALL_BUT_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"\\'))
_Iterator = Iterator
_ATOMS = frozenset((int, bool, type(None)))
_LARGE = 16 << 10  # characters of a text
# What the C encoder writes for each byte that needs an escape. The backslash comes first, as others contain it.
_ESCAPES = tuple(
    (c.encode(), json.encoder.encode_basestring(c)[1:-1].encode())
    for c in ("\\", '"', "\n", "\r", "\t", *(c for c in map(chr, range(0x20)) if c not in "\n\r\t"))
)
_USUAL = 5  # of these: those that are searched for anyway
_MAX_KINDS = 6
_CACHED = 128 << 10  # characters: what stays in the processor's cache

_quick: Any = None
_finish: Any = None
_scan: Any = None
_lowest: Any = None  # returns the lowest of some bytes, with numpy: nothing in the standard library is as quick
_name_of = vars(type)["__name__"].__get__
_allow_long_integers = sys.set_int_max_str_digits
_drop_strings = re.compile(rb'"[^"]*"').sub
# Keys that may come of something other than text. The first pattern is quick and may err.
_may_be_number = re.compile(rb'":(?:(?<=[0-9]":)|(?<="true":)|(?<="null":)|(?<="false":))').search
_is_number = re.compile(rb'"(?:-?[0-9][^"]*|true|false|null)":').search


class NotJSON(Exception):
    """main returned a value that JSON cannot represent; place and type say which."""

    def __init__(self, place: str, value: object, why: str = "") -> None:
        name: str = _name_of(type(value))
        super().__init__(f"{place} {why}" if why else f"{place} has type {name}, which cannot be converted to JSON")
        self.type_name = name


class TooLarge(Exception):
    """The value is longer as JSON than its limit."""


class _Twins(Exception):
    """Two keys of an object are the same text."""


def prepare() -> None:
    """Prepares encode, after the preloads and before any script."""
    global _quick, _finish, _scan, _lowest
    results_pandas.learn()
    make: Any = vars(json.encoder)["c_make_encoder"]
    make_scanner: Any = vars(json.decoder.scanner)["c_make_scanner"]  # type: ignore[attr-defined]
    string = json.encoder.encode_basestring
    ascii_string = json.encoder.encode_basestring_ascii
    if make is None or make_scanner is None:
        raise ImportError("this Python has no _json module")

    def quick(value: object) -> str:
        return "".join(make({}, simpler, string, None, ":", ",", False, False, False)(value, 0))

    def finish(value: object) -> str:
        return "".join(make(None, None, ascii_string, None, ":", ",", False, False, False)(value, 0))

    def pairs(found: list[tuple[str, Any]]) -> None:
        if len(dict(found)) < len(found):
            raise _Twins

    if numpy := sys.modules.get("numpy"):
        least, view, octet = numpy.minimum.reduce, numpy.frombuffer, numpy.uint8
        _lowest = lambda data: least(view(data, octet))  # noqa: E731

    # Only keys count; len spares it making numbers, which may be long.
    scan: Any = json.decoder.JSONDecoder(object_pairs_hook=pairs, parse_int=len, parse_float=len)
    _quick, _finish, _scan = quick, finish, make_scanner(scan)


def encode(value: object, most: int = _NO_LIMIT, drain: bool = True) -> frames.Octets:
    """Returns the value as JSON in UTF-8, of at most this many bytes. Raises NotJSON or TooLarge.

    Iterators are read to their end, unless drain is false: a session's next call may want to.
    """
    results_pandas.learn()
    _allow_long_integers(0)
    try:
        if type(value) is str and len(value) > _LARGE and (whole := _large_text(value)) is not None:
            if len(whole) > most:
                raise TooLarge
            return whole
        text = _quick(value)
        data: bytes = text.encode()
        if len(data) > most:
            raise TooLarge
        if _is_shallow(data) and (results_pandas.is_plain_frame(value) or not _has_twins(text, data)):
            return data
    except TooLarge:
        raise
    except Exception:  # the slow way below finds the reason
        pass
    data = _quick(_Walk(most, drain).plain(value, "$", 0)).encode()
    if len(data) > most:
        raise TooLarge
    return data


def _large_text(value: str) -> frames.Octets | None:
    """Encodes a text; None if it has control characters of many kinds.

    It goes piece by piece, so that a piece stays in the processor's cache, and only the
    whole takes fresh memory, whose page faults cost more than the rest.
    """
    whole = bytearray(b'"')
    for at in range(0, len(value), _CACHED):
        piece = _escaped(value[at : at + _CACHED].encode())
        if piece is None:
            return None
        whole += piece
    whole += b'"'
    return whole


def _escaped(data: bytes) -> bytes | None:
    """Escapes what needs it: to search for each such byte takes a tenth of the C encoder's time."""
    kinds = 0
    for escape in _ESCAPES if not _lowest else _ESCAPES[:_USUAL]:
        if escape[0] in data:
            data = data.replace(*escape)
            kinds += 1
    if _lowest and _lowest(data) < ord(" "):
        for escape in _ESCAPES[_USUAL:]:
            if escape[0] in data:
                data = data.replace(*escape)
                kinds += 1
    return data if kinds <= _MAX_KINDS else None


def _has_twins(text: str, data: bytes) -> bool:
    """Reports whether an object has a key twice, which happens where keys were not all text: {1: …, "1": …}."""
    if b"{" not in data or not (_may_be_number(data) and _is_number(data)):
        return False
    try:
        _scan(text, 0)
    except _Twins:
        return True
    return False


def _is_shallow(text: bytes) -> bool:
    """Reports whether arrays and objects in this JSON are nested at most _MAX_DEPTH deep.

    The C encoder does not report the depth. So everything except brackets is removed,
    and then empty pairs of brackets, which reduces the depth by one each time. Each
    step is one call into C, and short texts need none.
    """
    if len(text) <= 2 * _MAX_DEPTH or (_has_few(text, b"[") and _has_few(text, b"{")):
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


def _has_few(text: bytes, bracket: bytes) -> bool:
    """Reports whether this bracket is there at most half as often as arrays and objects may be nested."""
    at = -1
    for _ in range(_MAX_DEPTH // 2 + 1):
        at = text.find(bracket, at + 1)
        if at < 0:
            return True
    return False


def encode_plain(value: object) -> bytes:
    """Encodes a value of JSON's own types; lone surrogates, which have no UTF-8 form, become escapes."""
    return _finish(value).encode()  # type: ignore[no-any-return]


def _whole(text: str, place: str) -> str:
    try:
        str.encode(text)
    except UnicodeEncodeError as half:
        raise NotJSON(place, text, Unfit.of_half(half).why) from None
    return text


class _Walk:
    """One walk by the slow way. left is how many bytes of JSON may still come, at least so many."""

    def __init__(self, most: int, drain: bool) -> None:
        self.left, self.drain = most, drain

    def plain(self, value: Any, place: str, depth: int) -> Any:
        """Converts the value to JSON's own types. Raises NotJSON with the place. depth is its nesting depth."""
        given = value
        for _ in range(_MAX_STEPS):
            kind = type(value)
            if kind in _ATOMS:
                return value
            if issubclass(kind, str):
                self._spend(str.__len__(value))
                return _whole(value, place)
            if issubclass(kind, int):
                return int(value)
            if issubclass(kind, float):
                return float(value) if math.isfinite(value) else None
            if issubclass(kind, (dict, list, tuple, Items, Pairs)):
                if depth >= _MAX_DEPTH:
                    raise NotJSON(f"{place[:40]}…", given, f"is nested more than {_MAX_DEPTH} deep or contains itself")
                if issubclass(kind, dict):
                    return self._object(value, value.items(), place, depth + 1)
                if kind is Pairs:
                    return self._object(value.whole, value.pairs, place, depth + 1)
                if kind is Items:
                    if not self.drain and issubclass(type(value.items), _Iterator):
                        raise NotJSON(place, value.items)
                    return self._array(value.items, place, depth + 1)
                return self._array(value, place, depth + 1)
            try:
                value = simpler(value)
            except Unfit as unfit:
                raise NotJSON(place, value, unfit.why) from None
        raise NotJSON(place, given)

    def _spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise TooLarge

    def _array(self, items: Iterable[Any], place: str, depth: int) -> list[Any]:
        made = []
        for i, item in enumerate(items):
            self._spend(2)  # itself and a comma
            made.append(item if type(item) in _ATOMS else self.plain(item, f"{place}[{i}]", depth))
        return made

    def _object(self, whole: Any, pairs: Iterable[tuple[Any, Any]], place: str, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, item in pairs:
            try:
                name = key_of(key)
            except Unfit as unfit:
                raise NotJSON(f"a key of {place}", key, unfit.why) from None
            if name in made:
                raise NotJSON(place, whole, twin("keys", name).why)
            self._spend(len(name) + 4)
            made[name] = self.plain(item, f"{place}.{name}", depth)
        return made
