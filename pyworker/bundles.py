"""Turns objects into bundles of MIME types, as Jupyter does, and those into octets.

Everything here runs code of the script: its _repr_*_ methods. An Exception in one of
them costs that form and a line on stderr; what is meant to end a script goes on.
"""

import binascii
import builtins
import re
import sys
from typing import Any

from pyworker import frames, results

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

MAX_PARTS = 16
MAX_TEXT = 100_000  # characters of a repr
_MAX_TYPE = 100
_MAX_JSON = 64 << 20  # bytes; more than outputs may have
_FORMS = (
    ("text/html", "_repr_html_"),
    ("text/markdown", "_repr_markdown_"),
    ("image/svg+xml", "_repr_svg_"),
    ("image/png", "_repr_png_"),
    ("image/jpeg", "_repr_jpeg_"),
    ("application/pdf", "_repr_pdf_"),
    ("text/latex", "_repr_latex_"),
    ("application/json", "_repr_json_"),
    ("application/javascript", "_repr_javascript_"),
)
_TEXTS = ("application/xml", "application/javascript", "application/x-latex")
_Bundle = dict[str, Any]

_is_type = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+_-]*").fullmatch
_decode, _encode_json = binascii.a2b_base64, results.encode
_getattr, _isinstance, _len, _type, _repr, _str, _modules = getattr, isinstance, len, type, repr, str, sys.modules
_memoryview, _callable, _dict, _tuple = memoryview, callable, dict, tuple
_BYTES = (bytes, bytearray, memoryview)


def is_json(mime: str) -> bool:
    return mime == "application/json" or mime.endswith("+json")


def is_text(mime: str) -> bool:
    """Reports whether data of a type is text. What is neither that nor JSON is binary. See protocol.TextType."""
    return (mime.startswith("text/") and not is_json(mime)) or mime.endswith("+xml") or mime in _TEXTS


def octets(mime: Any, value: Any) -> frames.Octets | None:
    """Returns data as it is sent; None if the type or the data is none."""
    if not _isinstance(mime, _str):
        return None
    mime = _str.__str__(mime)
    if _len(mime) > _MAX_TYPE or not _is_type(mime) or value is None:
        return None
    if is_json(mime):
        try:
            return _encode_json(value, _MAX_JSON)
        except Exception as error:
            _complain(mime, error)
            return None
    text = is_text(mime)
    if _isinstance(value, _str):
        if text:
            return _str.encode(value, "utf-8", "replace")
        try:
            return _decode(b"".join(_str.encode(value, "ascii").split()), strict_mode=True)
        except ValueError as error:
            _complain(mime, error)
            return None
    if _isinstance(value, _BYTES):
        data = _memoryview(value).tobytes()
        return _str.encode(data.decode("utf-8", "replace")) if text else data
    return None


def json_object(value: Any) -> frames.Octets:
    """Returns metadata as JSON; nothing if it is no object."""
    try:
        data = _encode_json(value, _MAX_JSON)
    except Exception:
        return b""
    return data if data[:1] == b"{" else b""


def text(value: Any, most: int = MAX_TEXT) -> str:
    """Returns the repr of a value, or where it is too long its beginning and its end."""
    try:
        found = _str.__str__(_repr(value))
    except Exception as error:
        return f"<{_type(value).__name__}: its repr raised {_type(error).__name__}>"
    half = most // 2
    return found if _len(found) <= most else f"{found[: half - 20]}\n[… cut …]\n{found[-half:]}"


def bundle(value: Any) -> tuple[_Bundle, _Bundle] | None:
    """Returns every form of a value, and its metadata; None if the value has shown itself."""
    kind = _type(value)
    if (special := _special(kind)) is not None:
        found: tuple[_Bundle, _Bundle] = special(value)
        return found
    if (method := _method(kind, "_ipython_display_")) is not None:
        try:
            method(value)
            return None
        except NotImplementedError:
            pass
        except Exception as error:
            _complain(f"{kind.__name__}._ipython_display_", error)
    data: _Bundle = {}
    metadata: _Bundle = {}
    if (method := _method(kind, "_repr_mimebundle_")) is not None:
        _fill(data, metadata, None, kind, "_repr_mimebundle_", lambda: method(value, include=None, exclude=None))
    for mime, name in _FORMS:
        if mime not in data and (method := _method(kind, name)) is not None:
            _fill(data, metadata, mime, kind, name, lambda method=method: method(value))
    if "text/plain" not in data:
        data["text/plain"] = text(value)
    return data, metadata


def _method(kind: type, name: str) -> Any:
    """Returns a method of a class: instances that answer to every name have none."""
    found = _getattr(kind, name, None)
    return found if _callable(found) and not issubclass(kind, _type) else None


def _fill(data: _Bundle, metadata: _Bundle, mime: str | None, kind: type, name: str, call: Any) -> None:
    """Adds what a _repr_*_ method returned: data, or a pair of data and metadata."""
    try:
        found = call()
        about = None
        if _isinstance(found, _tuple) and _len(found) == 2:
            found, about = found
        if found is None:
            return
        if mime is not None:
            data[mime] = found
            if _isinstance(about, _dict) and about:
                metadata[mime] = about
        else:
            data.update(found)
            metadata.update(about or {})
    except Exception as error:
        _complain(f"{kind.__name__}.{name}", error)


def _special(kind: type) -> Any:
    """Returns what makes a bundle of an object that has no method for it."""
    for module, name, make in (
        ("matplotlib.figure", "Figure", _figure),
        ("plotly.basedatatypes", "BaseFigure", _plotly),
    ):
        base: Any = _getattr(_modules.get(module), name, None)
        if _isinstance(base, _type) and issubclass(kind, base):
            return make
    return None


def _figure(figure: Any) -> tuple[_Bundle, _Bundle]:
    from pyworker import showing

    return showing.figure_bundle(figure), {}


def _plotly(figure: Any) -> tuple[_Bundle, _Bundle]:
    """Plotly's own: its description, and a page that loads plotly.js, which is some MB, from its makers."""
    return {
        "text/plain": text(figure, 2000),
        "text/html": figure.to_html(full_html=False, include_plotlyjs="cdn"),
        "application/vnd.plotly.v1+json": figure.to_plotly_json(),
    }, {}


def _complain(what: str, error: BaseException) -> None:
    from pyworker import outputs

    outputs.complain(what, error)
