"""What a script showed: pictures, tables, texts; and how a notebook shows it again.

It comes from a script that nobody trusts, and a notebook would run the JavaScript in
it. So HTML goes into a frame without rights, pictures go into `img`, where they are
only pictures, and everything else is text.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._answer import Answer

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")
_FRAME = (
    '<iframe sandbox="" referrerpolicy="no-referrer" srcdoc="{}" '
    'style="width:100%;height:20em;border:0;resize:vertical;background:white"></iframe>'
)
# No frame, script or address outside of the document, whatever the notebook allows.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that a script showed, in each form that it has, as in Jupyter.

    `data` is by MIME type: text, JSON for application/json and types that end in
    +json, and base64 for every other type, such as image/png.
    """

    kind: str  # "result", if it is the value of the last expression, or "display"
    data: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def text(self) -> str | None:
        """Its form as plain text."""
        return self._text("text/plain")

    @property
    def html(self) -> str | None:
        """Its form as HTML, as the script wrote it: do not show that outside of a sandbox."""
        return self._text("text/html")

    @property
    def png(self) -> bytes | None:
        """Its form as a PNG picture."""
        return self.content("image/png")

    def content(self, kind: str) -> bytes | None:
        """Returns its form of a MIME type that has base64, decoded. Raises ValueError if that is not base64."""
        text = self._text(kind)
        return None if text is None else base64.b64decode(text, validate=True)

    def _text(self, kind: str) -> str | None:
        form = self.data.get(kind)
        return form if isinstance(form, str) else None

    def _repr_png_(self) -> bytes | None:
        return self.png

    def _repr_html_(self) -> str:
        for kind in _PICTURES:
            if picture := self._text(kind):
                return _picture(kind, picture)
        if self.html is not None:
            return _FRAME.format(html.escape(_POLICY + self.html))
        return _text(self.text if self.text is not None else ", ".join(self.data))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return _bundle(self.text or repr(self), self._repr_html_(), self.png)


def read_shown(data: Mapping[str, Any]) -> Shown:
    return Shown(str(data["kind"]), dict(data["data"]), dict(data.get("metadata") or {}))


def _picture(kind: str, content: str) -> str:
    text = base64.b64encode(content.encode()).decode() if kind == "image/svg+xml" else content
    return f'<img src="data:{kind};base64,{html.escape(text)}" style="max-width:100%">'


def _text(text: str, colour: str = "inherit") -> str:
    return f'<pre style="color:{colour}">{html.escape(text)}</pre>' if text else ""


def _bundle(text: str, page: str, png: bytes | None) -> dict[str, Any]:
    bundle: dict[str, Any] = {"text/plain": text, "text/html": page}
    if png is not None:
        bundle["image/png"] = png
    return bundle


def last_png(outputs: Iterable[Shown]) -> bytes | None:
    """Returns the last picture, for what shows only one thing."""
    found = [png for shown in outputs if (png := shown.png) is not None]
    return found[-1] if found else None


def answer_html(answer: Answer) -> str:
    """Returns an answer as a notebook's cell shows it."""
    parts = [_text(answer.stdout), _text(answer.stderr, "#b00"), *(shown._repr_html_() for shown in answer.outputs)]
    if answer.result is not None and not any(shown.kind == "result" for shown in answer.outputs):
        parts.append(_text(_short(answer)))
    if answer.error is not None and answer.error.traceback not in answer.stderr:
        parts.append(_text(answer.error.traceback or f"{answer.error.type}: {answer.error.message}", "#b00"))
    if answer.files:
        parts.append(_text("files: " + ", ".join(answer.files)))
    if not answer.ok:
        ended = [
            f"{name} {value}"
            for name in ("limit", "signal", "exit_code")
            if (value := getattr(answer, name)) is not None
        ]
        parts.append(_text(", ".join([f"status {answer.status}", *ended])))
    return "".join(parts) or _text("ok")


_MOST = 10_000  # characters of a result


def _short(answer: Answer) -> str:
    try:
        text = repr(answer.result)
    except ValueError:  # Python does not write integers of more digits than sys.get_int_max_str_digits()
        return "(a number of many digits)"
    return text if len(text) <= _MOST else text[:_MOST] + " …"


def answer_bundle(answer: Answer) -> dict[str, Any]:
    text = f"<Answer: {answer.status}>" if answer.result is None else _short(answer)
    return _bundle(text, answer_html(answer), last_png(answer.outputs))
