"""The contract only grows: fields that a newer server adds cause no errors."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from hotcell import Answer, Client, Output, Refused, RunError, Status, UnexpectedAnswer
from hotcell._answer import read_answer
from hotcell._stream import Events
from hotcell._types import moment


@pytest.fixture
def answer(hotcell: Client) -> Answer:
    return hotcell.execute("def main(): return 1")


def test_a_status_and_fields_that_are_new(answer: Answer) -> None:
    newer = read_answer(
        {
            **answer.raw,
            "status": "moved",
            "limit": "heat",
            "colour": "red",
            "usage": {**answer.raw["usage"], "gpu_ms": 3},
        }
    )
    assert (newer.status, newer.ok, newer.raw["colour"], newer.raw["usage"]["gpu_ms"]) == ("moved", False, "red", 3)
    assert not isinstance(newer.status, Status)
    with pytest.raises(RunError, match="status moved, limit heat") as raised:
        newer.raise_for_status()
    assert type(raised.value) is RunError


def line(event: str, data: object) -> bytes:
    return json.dumps({"event": event, "data": data}).encode() + b"\n"


def test_events_that_are_new_are_passed_over(answer: Answer) -> None:
    sent = (
        line("progress", {"percent": 3})
        + line("nothing", None)
        + line("stdout", {"text": "ä", "at": 1})
        + line("result", answer.raw)
    )
    for size in (1, 7, len(sent)):  # events may be split anywhere
        events = Events()
        assert [e for i in range(0, len(sent), size) for e in events.feed(sent[i : i + size])] == [
            Output("stdout", "ä"),
            answer,
        ]
        events.end()


def test_a_problem_in_a_stream_may_have_a_new_code() -> None:
    with pytest.raises(Refused, match="moved: elsewhere"):
        list(Events().feed(line("problem", {"status": 418, "code": "moved", "detail": "elsewhere", "more": []})))


@pytest.mark.parametrize(
    "sent", [b"<html>\n", b"[]\n", b"{}\n", b'{"event":"stdout","data":3}\n', b"[" * 100_000 + b"\n"]
)
def test_what_is_no_event_is_said_to_be_none(sent: bytes) -> None:
    with pytest.raises(UnexpectedAnswer):
        list(Events().feed(sent))


def test_a_stream_that_is_cut_is_no_answer() -> None:
    events = Events()
    list(events.feed(line("stdout", {"text": "so far"})[:-1]))
    with pytest.raises(UnexpectedAnswer, match="without a result"):
        events.end()


@pytest.mark.parametrize(("fraction", "microsecond"), [("", 0), (".5", 500_000), (".123456789", 123_456)])
def test_moments_have_any_precision(fraction: str, microsecond: int) -> None:
    assert moment(f"2026-01-02T03:04:05{fraction}Z") == datetime(2026, 1, 2, 3, 4, 5, microsecond, timezone.utc)
