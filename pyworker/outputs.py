"""Sends what a script shows, as OUTPUT frames, while the script runs.

The frames of one run share a buffer that is written to the channel by C code, which
remembers what it has written. So a signal handler that raises, or a thread that is
stopped, leaves no half of a frame: the rest follows with the next one, or before
RESULT. Only the cell's own process sends; a child of it prints the text instead.
"""

import builtins
import io
import os
import sys
import threading
from typing import Any

from pyworker import bundles, frames, results

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

MAX_OUTPUTS = 100
_MAX_HEAD = 4 << 10  # bytes of a frame's header
_MAX_METADATA = 64 << 10
_MAX_LINE = 500  # characters of a line on stderr

_encode_plain, _encode_frame, _OUTPUT = results.encode_plain, frames.encode, frames.OUTPUT
_bundle, _octets, _object = bundles.bundle, bundles.octets, bundles.json_object
_getpid, _write = os.getpid, os.write
_sorted, _sum, _len, _str, _type = sorted, sum, len, str, type
_Bundle = dict[str, Any]


class _Channel:
    """The outputs of one run: how many may still be sent, and their way to the supervisor."""

    def __init__(self, fd: int, most: int, size: int, shows: bool) -> None:
        self.left, self.bytes, self.shows = most, size, shows
        self.over = False  # something was too much
        self.pid = _getpid()
        self.lock = threading.RLock()
        # Every frame fits into the buffer, of which only what is used takes memory.
        room = size + most * (_MAX_HEAD + frames.HEADER_BYTES)
        self.writer = io.BufferedWriter(io.FileIO(fd, "wb", closefd=False), room)

    def send(self, kind: str, data: dict[str, frames.Octets], metadata: frames.Octets) -> None:
        """Sends an output unless it is too much."""
        parts = _sorted(data.items())
        head = {"kind": kind, "parts": {mime: _len(text) for mime, text in parts}, "metadata_bytes": _len(metadata)}
        size = _sum(head["parts"].values()) + _len(metadata)  # type: ignore[attr-defined]
        payload = b"".join([_encode_plain(head), b"\n", *[text for _, text in parts], metadata])
        if self.lock._is_owned():  # type: ignore[attr-defined]
            raise RuntimeError("a signal handler may not show anything while something is being sent")
        with self.lock:
            if self.left <= 0 or size > self.bytes:
                self.left, self.over = 0, True  # what is sent are the first ones
                return
            self.left -= 1
            self.bytes -= size
            self.writer.write(_encode_frame(_OUTPUT, payload))
        self.writer.flush()

    def end(self) -> None:
        """Sends the rest. After that nothing can be sent, not even by a thread that is about to."""
        for _ in range(3):  # a hook of the script may raise
            try:
                self.writer.detach()
            except BaseException:
                continue
            return


_channel: _Channel | None = None


def begin(request: dict[str, Any], fd: int) -> None:
    """Prepares for a run that may show something. For all others it does nothing."""
    global _channel
    size = request.get("outputs_bytes", 0)
    if not size:
        return
    shows = bool(request.get("display")) or request.get("mode") == "cell"
    _channel = _Channel(fd, MAX_OUTPUTS if shows else 1, size, shows)
    if shows:
        from pyworker import showing

        builtins.display = display  # type: ignore[attr-defined]
        showing.install(request.get("mode") != "cell")


def shows() -> bool:
    """Reports whether all that the script shows is sent, and not only its last expression."""
    return _channel is not None and _channel.shows


def finish() -> bool:
    """Sends what is left, and reports whether there was more than is allowed."""
    global _channel
    channel = _channel
    if channel is None or channel.pid != _getpid():
        return False
    if channel.shows:
        try:
            _open_figures()
        except BaseException as error:
            complain("the open figures", error)
    channel.end()
    _channel = None
    return channel.over


def _open_figures() -> None:
    if "matplotlib._pylab_helpers" in sys.modules:
        from pyworker import showing

        showing.open_figures()


def result(value: Any) -> None:
    """Shows the value of a last expression: as text only, unless all that a script shows is sent."""
    channel = _channel
    if channel is None:
        return
    if not channel.shows:
        publish({"text/plain": bundles.text(value, channel.bytes // 4)}, {}, "result")
    elif (found := _bundle(value)) is not None:
        publish(*found, "result")


def publish(data: _Bundle, metadata: Any = None, kind: str = "display") -> None:
    """Shows a bundle of MIME types. What a type cannot hold is left out."""
    channel = _channel
    if channel is None or channel.pid != _getpid():
        print(data.get("text/plain", ""))
        return
    if channel.left <= 0:
        channel.over = True
        return
    encoded: dict[str, frames.Octets] = {}
    for mime, value in data.items():
        if _len(encoded) < bundles.MAX_PARTS and (octets := _octets(mime, value)) is not None:
            encoded[_str.__str__(mime)] = octets
    if encoded:
        about = _object(metadata) if metadata else b""
        channel.send(kind, encoded, about if _len(about) <= _MAX_METADATA else b"")


def display(
    *objects: Any,
    include: Any = None,
    exclude: Any = None,
    metadata: Any = None,
    raw: bool = False,
    display_id: Any = None,
    **_: Any,
) -> Any:
    """Shows each object, in every form that it has. It takes what IPython's takes."""
    for value in objects:
        found = (value, metadata) if raw else _bundle(value)
        if found is None:  # it has shown itself
            continue
        data, own = found
        if include or exclude:
            data = {m: d for m, d in data.items() if (not include or m in include) and m not in (exclude or ())}
        publish(data, {**(own or {}), **(metadata or {})})
    return Handle(display_id) if display_id else None


class Handle:
    """What display returns if it is given a display_id: an update is shown as another output."""

    def __init__(self, display_id: Any) -> None:
        self.display_id = display_id

    def display(self, value: Any, **more: Any) -> None:
        display(value, **more)

    update = display


def complain(what: str, error: BaseException) -> None:
    """Says on stderr that something could not be shown, so that nothing is lost in silence."""
    try:
        text = f"hotcell: cannot show {what}: {_type(error).__name__}: {error}"
        _write(2, _str.encode(text[:_MAX_LINE] + "\n", "utf-8", "replace"))
    except BaseException:
        return
