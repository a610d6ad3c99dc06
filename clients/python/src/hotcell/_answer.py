"""What comes of a script."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ._errors import UnsafePath, run_error
from ._types import ErrorInfo, Status, Timing, Truncated, Usage, known, optional


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a script that was run, however it ended."""

    id: str
    status: Status | str  # a string where this version does not know it
    result: Any  # what main returned; None unless status is "ok"
    stdout: str
    stderr: str
    truncated: Truncated
    error: ErrorInfo | None
    exit_code: int | None
    signal: str | None
    limit: str | None  # which limit ended it
    files: Mapping[str, bytes]  # that were collected, by path
    usage: Usage
    timing: Timing
    raw: Mapping[str, Any] = field(repr=False)  # the whole answer, also what is newer than this version

    @property
    def ok(self) -> bool:
        """Whether main returned something."""
        return self.status == Status.OK

    def raise_for_status(self) -> Answer:
        """Returns the answer itself; unless it is ok, raises the `RunError` for its status."""
        if not self.ok:
            raise run_error(self)
        return self

    def save_files(self, directory: str | os.PathLike[str]) -> list[Path]:
        """Writes the collected files below a directory, over those that are there.

        Their paths come from the script, so all are checked before anything is
        written: one that leads out of the directory, also by a symbolic link in
        it, raises `UnsafePath`.
        """
        root = Path(directory).resolve()
        targets = {path: _below(root, path) for path in self.files}
        for path, target in targets.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.files[path])
        return list(targets.values())


# On Windows a backslash is a separator, and a colon names a drive or a stream.
_NO_NAME_HAS = "\0\\:" if os.name == "nt" else "\0\\"


def _below(root: Path, path: str) -> Path:
    parts = path.split("/")
    if {"", ".", ".."} & set(parts) or set(_NO_NAME_HAS) & set(path):
        raise UnsafePath(f"{path!r} is no path below a directory")
    target = root.joinpath(*parts)
    if not target.resolve().is_relative_to(root):
        raise UnsafePath(f"{path!r} leads out of {str(root)!r}")
    return target


def _content(file: Mapping[str, Any]) -> bytes:
    content: str = file["content"]
    if file["encoding"] == "base64":
        return base64.b64decode(content, validate=True)
    if file["encoding"] == "utf-8":
        return content.encode()
    raise ValueError(
        f"the file {file['path']!r} has the encoding {file['encoding']!r}, which this version does not know"
    )


def read_answer(data: Mapping[str, Any]) -> Answer:
    """Makes an answer of its JSON."""
    return known(
        Answer,
        data,
        status=Status.read(data["status"]),
        truncated=known(Truncated, data["truncated"]),
        error=optional(ErrorInfo, data["error"]),
        files={file["path"]: _content(file) for file in data["files"]},
        usage=known(Usage, data["usage"]),
        timing=known(Timing, data["timing"]),
        raw=data,
    )
