"""Reads a stream of events (NDJSON)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ._answer import Answer, read_answer
from ._errors import UnexpectedAnswer
from ._shown import Shown, read_shown
from ._types import Output
from ._wire import decode, read_as, refuse

Event = Output | Shown | Answer


class Events:
    """Splits the chunks of a stream into events.

    Only a line feed ends a line. httpx's own iter_lines would also split at Unicode
    line separators inside a text.
    """

    def __init__(self) -> None:
        self._begun: list[bytes] = []  # chunks of an incomplete line
        self._answered = False

    def feed(self, piece: bytes) -> Iterator[Event]:
        *lines, rest = piece.split(b"\n")
        for line in lines:
            event = self._read(b"".join([*self._begun, line]))
            self._begun.clear()
            if event is not None:
                yield event
        self._begun.append(rest)

    def end(self) -> None:
        if not self._answered:
            raise UnexpectedAnswer("the stream ended without a result")

    def _read(self, line: bytes) -> Event | None:
        record = decode(line)
        return read_as(self._event, record)

    def _event(self, record: Any) -> Event | None:
        name, data = record["event"], record["data"]
        if name in ("stdout", "stderr"):
            return Output(name, data["text"])
        if name == "output":
            return read_shown(data)
        if name == "result":
            self._answered = True
            return read_answer(data)
        if name == "problem":
            refuse(data)
        return None  # it keeps the connection open, or is newer than this version
