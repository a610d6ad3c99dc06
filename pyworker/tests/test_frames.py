"""The same golden frames that the Go side is tested with, and hostile ones."""

import json
import os
from pathlib import Path

import pytest

from pyworker import frames, script

GOLDEN = json.loads((Path(__file__).parents[2] / "protocol/testdata/frames.json").read_text())


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["name"])
def test_golden_frames_encode_and_decode(golden: dict[str, object]) -> None:
    wire, payload = bytes.fromhex(str(golden["wire"])), str(golden["payload"]).encode()
    assert frames.encode(int(str(golden["type"])), payload) == wire
    assert frames.decode_packet(wire) == (golden["type"], payload)
    read_end, write_end = os.pipe()
    frames.write(write_end, wire)
    os.close(write_end)
    assert frames.read(read_end, 1 << 20) == (golden["type"], payload)
    os.close(read_end)


def test_exited_and_failed_are_the_golden_ones() -> None:
    golden = {entry["name"]: bytes.fromhex(entry["wire"]) for entry in GOLDEN}
    assert frames.exited(12, 11) == golden["EXITED"]
    _, failed = frames.decode_packet(frames.failed(12, "seccomp", OSError("no")))
    assert json.loads(failed) == json.loads(frames.decode_packet(golden["FAILED"])[1])


def test_a_run_is_a_head_and_parts() -> None:
    golden = {entry["name"]: str(entry["payload"]).encode() for entry in GOLDEN}
    request = script.parse(golden["RUN"])
    assert bytes(request.pop("stdin")) == b"in\n"
    assert request == {
        "script": "def main(a): return a",
        "args": [12345678901234567890],
        "kwargs": {},
        "env": {"A": "<b>"},
        "result_bytes": 4 << 20,
    }
    request = script.parse(golden["RUN of a program"])
    assert (request["mode"], request["args"]) == ("program", ["a"])
    request = script.parse(golden["RUN of a notebook's cell, which shows"])
    assert (request["mode"], request["display"], request["outputs_bytes"]) == ("cell", True, 4 << 20)
    request = script.parse(golden["RUN on a terminal"])
    assert request["script"] == ""
    assert request["tty"]
    assert not request["stdin"]
    assert "args" not in request


@pytest.mark.parametrize(
    "wire", [b"", b"\0\0\0", b"\0\0\0\1\1", b"\0\0\0\0\0", b"\0\0\0\0\x20", b"\xff\xff\xff\xff\1", b"\0\0\0\0\1x"]
)
def test_packets_that_are_no_frame_are_refused(wire: bytes) -> None:
    with pytest.raises(frames.FrameError):
        frames.decode_packet(wire)


def test_a_frame_over_its_cap_is_refused_before_it_is_read() -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b"\x7f\xff\xff\xff\x08")
    with pytest.raises(frames.FrameError, match="at most 10"):
        frames.read(read_end, 10)
    os.close(read_end)
    os.close(write_end)


def test_an_end_within_a_frame_is_an_end() -> None:
    for cut in range(8):
        read_end, write_end = os.pipe()
        os.write(write_end, frames.encode(frames.RUN, b"{}{}")[:cut])
        os.close(write_end)
        with pytest.raises(EOFError):
            frames.read(read_end, 100)
        os.close(read_end)
