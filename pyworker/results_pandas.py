"""Converts what numpy and pandas have to lists, records and texts.

Their classes are bound when the libraries are first seen: before any script where they
are preloaded.
"""

import builtins
import sys
from collections.abc import Callable
from typing import Any

from pyworker.results_unfit import Unfit, unique

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

KeyOf = Callable[[Any], str]

OTHER = object()  # convert's answer for everything else
_modules = sys.modules
_numpy: Any = None
_pandas: Any = None
_Array: Any = ()
_dtype: Any = ()
_Frame: Any = ()
_Series: Any = ()
_Columns: Any = ()  # an Index, or an array of pandas' own kinds
_Text: Any = ()
_Str: Any = ()
_Offset: Any = ()
_missing: tuple[type, ...] = ()


def learn() -> None:
    """Finds numpy and pandas if they are loaded, whether before the script or by it."""
    if _pandas is None:
        if _numpy is None and "numpy" in _modules:
            _learn_numpy(_modules["numpy"])
        if _numpy is not None and "pandas" in _modules:
            _learn_pandas(_modules["pandas"])


def _learn_numpy(numpy: Any) -> None:
    global _numpy, _Array, _dtype
    try:
        _Array, _dtype = _classes(numpy.ndarray, numpy.generic), _classes(numpy.dtype)
    except AttributeError:  # it is only half loaded, or another module of that name
        return
    _numpy = numpy


def _learn_pandas(pandas: Any) -> None:
    global _pandas, _Frame, _Series, _Columns, _Text, _Str, _Offset, _missing
    try:
        own = pandas.api.extensions
        frame, series = _classes(pandas.DataFrame), _classes(pandas.Series)
        columns = _classes(pandas.Index, own.ExtensionArray)
        text, offset = _classes(pandas.Period, pandas.Interval, own.ExtensionDtype), _classes(pandas.offsets.BaseOffset)
        string = _classes(pandas.StringDtype)
        missing = (type(pandas.NaT), type(pandas.NA))
    except AttributeError:
        return
    _Frame, _Series, _Columns, _Text, _Offset, _missing = frame, series, columns, text, offset, missing
    _Str, _pandas = string, pandas


def _classes(*found: Any) -> tuple[type, ...]:
    if not all(isinstance(one, type) for one in found):
        raise AttributeError
    return found


def is_missing(value: object) -> bool:
    """Reports whether value is pandas' NaT or NA."""
    return type(value) in _missing


def is_plain_frame(value: object) -> bool:
    """Reports whether value is a DataFrame of columns that hold no objects of Python's."""
    return type(value) in _Frame and all(type(dtype) in _Str or dtype.kind != "O" for dtype in value.dtypes)  # type: ignore[attr-defined]


def convert(value: Any, key_of: KeyOf) -> Any:
    """Converts a value of numpy's or pandas' one step, or returns OTHER. Raises Unfit. key_of makes text of labels."""
    kind = type(value)
    if issubclass(kind, _Array):
        return _from_numpy(value)
    if issubclass(kind, _dtype) or issubclass(kind, _Text):
        return str(value)
    if issubclass(kind, _Frame):
        return _records(value, key_of)
    if issubclass(kind, _Series):
        return _column(value) if _counts(value.index) else _labelled(value, key_of)
    if issubclass(kind, _Columns):
        return _column(value)
    if issubclass(kind, _Offset):
        return value.freqstr
    return OTHER


def _from_numpy(value: Any) -> Any:
    kind = value.dtype.kind
    if kind in "biu" or kind in "OUTS":
        return value.tolist()
    if kind == "f":
        narrow = value.astype(_numpy.float64) if value.dtype.itemsize > 8 else value
        if bool(_numpy.isfinite(narrow).all()):
            return narrow.tolist()
        return _numpy.where(_numpy.isfinite(narrow), narrow.astype(object), None).tolist()
    if kind == "c":
        return _from_numpy(_numpy.stack([value.real, value.imag], axis=-1))
    if kind == "M":
        text = _numpy.datetime_as_string(value)
        return _numpy.where(_numpy.isnat(value), None, text.astype(object)).tolist()
    if kind == "m" and _pandas is not None:
        return [_from_numpy(item) for item in value] if value.ndim else _pandas.Timedelta(value)
    if kind == "V" and value.dtype.names:
        return [_from_numpy(item) for item in value] if value.ndim else [value[name] for name in value.dtype.names]
    raise Unfit


def _counts(index: Any) -> bool:
    """Reports whether an index is 0…n-1, which says nothing that the order does not say."""
    return index.dtype.kind in "iu" and bool(_numpy.array_equal(index.to_numpy(), _numpy.arange(len(index))))


def _labelled(series: Any, key_of: KeyOf) -> dict[str, Any]:
    labels = [key_of(label) for label in series.index.tolist()]
    return dict(zip(unique(labels, "labels"), _column(series), strict=True))


def _records(frame: Any, key_of: KeyOf) -> list[dict[str, Any]]:
    names = [key_of(name) for name in frame.columns.tolist()]
    columns = [_column(frame.iloc[:, i]) for i in range(len(names))]
    if not _counts(frame.index):
        labels = _index_names(frame.index, names, key_of)
        columns = [_column(frame.index.get_level_values(i)) for i in range(len(labels))] + columns
        names = labels + names
    unique(names, "columns")
    if not names:
        return [{} for _ in range(len(frame))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _index_names(index: Any, others: list[str], key_of: KeyOf) -> list[str]:
    """Returns the names of the columns that an index becomes, as reset_index gives them."""
    unnamed = "level_0" if index.nlevels > 1 or "index" in others else "index"
    return [unnamed.replace("0", str(i)) if name is None else key_of(name) for i, name in enumerate(index.names)]


def _column(values: Any) -> Any:
    """Converts a Series, an Index or an array to a list; numbers use numpy's fast way."""
    if not isinstance(values.dtype, _numpy.dtype):
        missing = values.isna()
        if bool(missing.any()):
            return _numpy.where(missing, None, values.astype(object)).tolist()
    elif values.dtype.kind in "biufc":
        return _from_numpy(values.to_numpy())
    return values.tolist()
