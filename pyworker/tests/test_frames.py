"""The same golden frames that the Go side is tested with, and hostile ones."""

import errno
import json
import os
import socket
import threading
from pathlib import Path

import pytest

from pyworker import calls, frames, script

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


def test_failed_calls_of_a_table_are_told_as_others_are() -> None:
    for error, want in (
        (calls.Failed(3, "fork", errno.EAGAIN), "BlockingIOError: [Errno 11] Resource temporarily unavailable"),
        (calls.Failed(3, "fork", 0), "OSError: [Errno 0] a system call returned another value than it must"),
        (FileNotFoundError(errno.ENOENT, "no", "/x"), "FileNotFoundError: [Errno 2] no: '/x'"),
        (ValueError("no"), "ValueError: no"),
    ):
        _, failed = frames.decode_packet(frames.failed(1, "fork", error))
        assert json.loads(failed)["error"] == want


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


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 3 << 20])
def test_a_frame_of_any_size_arrives_in_pieces_as_it_was_sent(size: int) -> None:
    value = os.urandom(size)
    near, far = socket.socketpair()
    sender = threading.Thread(target=frames.send, args=(near.fileno(), frames.RESULT, b"head\n", bytearray(value)))
    sender.start()
    assert frames.read(far.fileno(), 4 << 20) == (frames.RESULT, b"head\n" + value)
    sender.join()
    near.close()
    far.close()


def test_what_a_write_leaves_follows() -> None:
    for first in range(16):
        read_end, write_end = os.pipe()

        def writev(fd: int, parts: tuple[bytes, frames.Octets], most: int = first) -> int:
            return os.write(fd, b"".join(parts)[:most])

        frames.send(write_end, frames.FILE, b"head\n", b"value", _writev=writev)
        os.close(write_end)
        assert os.read(read_end, 100) == frames.encode(frames.FILE, b"head\nvalue")
        os.close(read_end)


@pytest.mark.parametrize("cut", [0, 4, 5, 6, 70_000, 100_004])
def test_an_end_within_a_large_frame_is_an_end(cut: int) -> None:
    near, far = socket.socketpair()
    with near, far:
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        near.sendall(frames.encode(frames.RUN, bytes(100_000))[:cut])
        near.shutdown(socket.SHUT_WR)
        with pytest.raises(EOFError):
            frames.read(far.fileno(), 1 << 20)


LONG = "0123456789abcdef" * 5000


@pytest.mark.parametrize(
    "text",
    [
        f'["{LONG}"]',
        f'["{LONG}é\N{GRINNING FACE}"]',
        f'["{LONG}\\n"]',
        f'["{LONG}\\""]',
        f'["{LONG}","b"]',
        f'["{LONG}" ]',
        f'[ "{LONG}"]',
        f'[["{LONG}"]]',
        f'["a",["{LONG}"]]',
        f'["","{LONG}"]',
        f'["{LONG}\\ud83d\\ude00"]',
        f'[{{"a":"{LONG}"}}]',
        f'["{LONG}",12345678901234567890]',
    ],
    ids=len,
)
def test_large_arguments_are_what_json_says(text: str) -> None:
    args, source = text.encode(), b"pass"
    head = {"script_bytes": len(source), "args_bytes": len(args), "stdin_bytes": 2}
    request = script.parse(bytearray(json.dumps(head).encode() + b"\n" + source + args + b"in"))
    assert request["args"] == json.loads(text)
    assert (bytes(request["stdin"]), request["script"]) == (b"in", "pass")
