"""Files of a session, asked for and answered as in the golden frames, and hostile names."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pyworker import frames, results, transfer

results.prepare()

GOLDEN: dict[str, bytes] = {
    entry["name"]: bytes.fromhex(entry["wire"])
    for entry in json.loads((Path(__file__).parents[2] / "protocol/testdata/frames.json").read_text())
}


def ask(name: str, root: Path) -> bytes:
    """Sends a golden frame, and returns the frame that answers it."""
    return transfer.answer(*frames.decode_packet(GOLDEN[name]), str(root))


def do(root: Path, **asked: Any) -> dict[str, Any]:
    kind, payload = frames.decode_packet(transfer.answer(frames.TRANSFER, json.dumps(asked).encode(), str(root)))
    assert kind == frames.DONE
    answer: dict[str, Any] = json.loads(payload)
    return answer


def test_golden_transfers_have_golden_answers(tmp_path: Path) -> None:
    assert json.loads(ask("TRANSFER to get", tmp_path)[frames.HEADER_BYTES :]) == json.loads(
        GOLDEN["DONE with an error"][frames.HEADER_BYTES :]
    )
    for name in ("TRANSFER to put", "PIECE", "TRANSFER at the end"):
        assert ask(name, tmp_path) == GOLDEN["DONE"]
    assert (tmp_path / "out/a.txt").read_bytes() == b"hello\n\0"
    for name in ("TRANSFER to put", "PIECE", "PIECE", "TRANSFER to drop"):
        assert ask(name, tmp_path) == GOLDEN["DONE"]
    assert os.listdir(tmp_path / "out") == ["a.txt"]
    assert json.loads(ask("TRANSFER to list", tmp_path)[frames.HEADER_BYTES :]) == {
        "files": [{"path": "out/a.txt", "bytes": 7}],
        "more": False,
    }
    (tmp_path / "out/a.txt").write_bytes(b"hello\n")
    assert ask("TRANSFER to get", tmp_path) == GOLDEN["DONE with a size"]
    (tmp_path / "out/a.txt").write_bytes(b"hello\n\0")
    ask("TRANSFER to get", tmp_path)
    assert ask("TRANSFER for more", tmp_path) == GOLDEN["PIECE"]
    assert ask("TRANSFER for more", tmp_path) == GOLDEN["PIECE at the end"]
    assert ask("TRANSFER at the end", tmp_path) == GOLDEN["DONE"]
    assert ask("TRANSFER to delete", tmp_path) == GOLDEN["DONE"]
    assert os.listdir(tmp_path / "out") == []


@pytest.mark.parametrize("target", ["outside", "inside"])
@pytest.mark.parametrize("what", ["get", "put", "delete"])
def test_no_link_is_followed(tmp_path: Path, target: str, what: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for directory in (root, outside, root / "inside"):
        directory.mkdir()
        (directory / "f").write_text("secret")
    (root / "dir").symlink_to(outside if target == "outside" else root / "inside")
    (root / "file").symlink_to((outside if target == "outside" else root / "inside") / "f")
    assert do(root, do=what, path="dir/f")["error"] == "failed"
    assert do(root, do="end") == {}
    if what == "put":
        assert do(root, do=what, path="file") == {}
        transfer.answer(frames.PIECE, b"new", str(root))
        assert do(root, do="end") == {}
        assert (root / "file").read_text() == "new"
    else:
        assert do(root, do=what, path="file")["error"] == "failed"
    assert (outside / "f").read_text() == (root / "inside/f").read_text() == "secret"
    assert [
        entry["path"] for entry in do(root, do="list", pattern="**", max_files=9, max_bytes=999, max_depth=9)["files"]
    ] == (["f", "file", "inside/f"] if what == "put" else ["f", "inside/f"])


def test_a_piece_or_a_question_that_nobody_expects_is_an_error(tmp_path: Path) -> None:
    assert do(tmp_path, do="end") == {}
    for kind, payload in (
        (frames.PIECE, b"x"),
        (frames.TRANSFER, b"{}"),
        (frames.TRANSFER, b"["),
        (frames.TRANSFER, b'{"do":"more","bytes":1}'),
    ):
        assert json.loads(frames.decode_packet(transfer.answer(kind, payload, str(tmp_path)))[1])["error"] == "failed"
    assert os.listdir(tmp_path) == []
