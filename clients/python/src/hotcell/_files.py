"""Files of a session: as large as its disk, and never whole in memory unless asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ._request import FileContent
from ._wire import BINARY, Body, Call, as_json, session_path

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class SessionFile:
    """A file of a session."""

    path: str  # below the working directory
    bytes: int  # its size


def list_files(session_id: str, pattern: str | None) -> Call[list[SessionFile]]:
    def read(data: Mapping[str, Any]) -> list[SessionFile]:
        return [SessionFile(file["path"], file["bytes"]) for file in data["files"]]

    query = "" if pattern is None else f"?pattern={quote(pattern, safe='')}"
    return Call("GET", session_path(session_id) + "/files" + query, as_json(read))


def read_file(session_id: str, path: str) -> Call[bytes]:
    return Call("GET", _place(session_id, path), bytes, accept="*/*")


def write_file(session_id: str, path: str, content: FileContent) -> Call[None]:
    body: Body
    if isinstance(content, str):
        body = content.encode()
    elif isinstance(content, bytes):
        body = content
    else:
        body = Pieces(content)
    return Call("PUT", _place(session_id, path), lambda _: None, body=body, content_type=BINARY)


def remove_file(session_id: str, path: str) -> Call[None]:
    return Call("DELETE", _place(session_id, path), lambda _: None)


def _place(session_id: str, path: str) -> str:
    if not path or {"", ".", ".."} & set(path.split("/")):  # it could lead to another address
        raise ValueError(f"{path!r} is not a path below a directory")
    return f"{session_path(session_id)}/files/{quote(path)}"


class Pieces:
    """A file's content, read piece by piece whenever it is sent."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
