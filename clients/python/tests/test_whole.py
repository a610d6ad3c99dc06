"""What breaks off leaves no half of a file."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from blocking import Make

from hotcell._whole import written

SESSION = json.dumps(
    {
        "id": "s",
        "profile": "default",
        "created_at": "2026-01-01T00:00:00Z",
        "expires_at": "2026-01-01T01:00:00Z",
        "idle_s": 60,
        "limits": {},
        "busy": False,
        "calls": 0,
    }
).encode()


class Breaking(BaseHTTPRequestHandler):
    """Answers with half of a file."""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path.endswith("/files/half"):
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"new" * 100)
            return
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(SESSION)))
        self.end_headers()
        self.wfile.write(SESSION)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def breaking() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Breaking) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("before", [None, b"old"])
def test_a_broken_download_changes_nothing(make: Make, breaking: str, tmp_path: Path, before: bytes | None) -> None:
    target = tmp_path / "target"
    if before is not None:
        target.write_bytes(before)
    with make(breaking) as client, pytest.raises(httpx.TransportError):
        client.attach("s").download_file("half", target)
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert left == ({} if before is None else {"target": before})


def write(target: Path, *pieces: bytes) -> None:
    with written(target) as file:
        for piece in pieces:
            file.write(piece.decode().encode())


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    write(link, b"whole")
    with pytest.raises(ValueError, match="codec"):
        write(link, b"half", b"\xff")
    assert link.is_symlink()
    assert target.read_bytes() == b"whole"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "target"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no FIFOs")
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    with written(pipe) as file:
        file.write(b"piped")
    reader.join()
    assert got == [b"piped"]
