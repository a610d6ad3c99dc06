"""How a script ended: the answer, and an exception for each status other than ok."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ._errors import HotcellError, UnsafePath
from ._shown import Shown, answer_bundle, answer_html, last_png, read_shown
from ._types import ErrorInfo, Status, Timing, Truncated, Usage, known, optional
from ._whole import written


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of running a script, however it ended."""

    id: str
    status: Status | str  # a string if this version does not know it
    result: Any  # what main returned; None unless status is "ok"
    stdout: str
    stderr: str
    truncated: Truncated
    error: ErrorInfo | None
    exit_code: int | None
    signal: str | None
    limit: str | None  # the limit that ended it
    files: Mapping[str, bytes]  # collected files by path
    outputs: list[Shown]  # what the script showed, in order
    usage: Usage
    timing: Timing
    raw: Mapping[str, Any] = field(repr=False)  # the complete answer, including fields newer than this version

    @property
    def ok(self) -> bool:
        """Whether main returned a result."""
        return self.status == Status.OK

    def raise_for_status(self) -> Answer:
        """Returns the answer if its status is ok; otherwise raises the `RunError` for its status."""
        if not self.ok:
            raise run_error(self)
        return self

    def save_files(self, directory: str | os.PathLike[str]) -> list[Path]:
        """Writes the collected files below directory, overwriting existing files.

        The paths come from the script, so all are checked before anything is
        written. A path that leads out of the directory, directly or through a
        symbolic link in it, raises `UnsafePath`. Each file is written whole, or is as it was before.
        """
        root = Path(directory).resolve()
        targets = {path: _below(root, path) for path in self.files}
        for path, target in targets.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            with written(target) as file:
                file.write(self.files[path])
        return list(targets.values())

    def _repr_html_(self) -> str:
        return answer_html(self)

    def _repr_png_(self) -> bytes | None:
        return last_png(self.outputs)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return answer_bundle(self)


# On Windows a backslash is a separator, and a colon names a drive or a stream.
_FORBIDDEN = "\0\\:" if os.name == "nt" else "\0\\"


def _below(root: Path, path: str) -> Path:
    parts = path.split("/")
    if {"", ".", ".."} & set(parts) or set(_FORBIDDEN) & set(path):
        raise UnsafePath(f"{path!r} is not a path below a directory")
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
    raise ValueError(f"file {file['path']!r} has an unknown encoding {file['encoding']!r}")


def read_answer(data: Mapping[str, Any]) -> Answer:
    """Converts the JSON of an answer."""
    return known(
        Answer,
        data,
        status=Status.read(data["status"]),
        truncated=known(Truncated, data["truncated"]),
        error=optional(ErrorInfo, data["error"]),
        files={file["path"]: _content(file) for file in data["files"]},
        outputs=[read_shown(shown) for shown in data.get("outputs", [])],
        usage=known(Usage, data["usage"]),
        timing=known(Timing, data["timing"]),
        raw=data,
    )


class RunError(HotcellError):
    """The script ran, and its status is not "ok". `answer` has the details."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer

    def __str__(self) -> str:
        answer = self.answer
        parts = [f"status {answer.status}"]
        if answer.error is not None:
            parts = [f"{answer.error.type}: {answer.error.message}"]
            if answer.error.line is not None:
                parts.append(f"line {answer.error.line} of the script")
        for name in ("limit", "exit_code", "signal"):
            if (value := getattr(answer, name)) is not None:
                parts.append(f"{name} {value}")
        return ", ".join(parts)


class ScriptError(RunError):
    """The script or its main raised an exception: `answer.error`."""


class NotJSON(RunError):
    """main returned a value that JSON cannot represent."""


class TimeLimit(RunError):
    """The script exceeded its limit of wall clock or CPU time."""


class MemoryLimit(RunError):
    """The script exceeded its memory limit."""


class OutputLimit(RunError):
    """stdout, stderr, the result or the collected files were too large."""


class Exited(RunError):
    """The process exited before main returned."""


class Killed(RunError):
    """The process was killed by a signal."""


_BY_STATUS: dict[Status | str, type[RunError]] = {
    Status.EXCEPTION: ScriptError,
    Status.NOT_JSON: NotJSON,
    Status.TIMEOUT: TimeLimit,
    Status.MEMORY_LIMIT: MemoryLimit,
    Status.OUTPUT_LIMIT: OutputLimit,
    Status.EXITED: Exited,
    Status.KILLED: Killed,
}


def run_error(answer: Answer) -> RunError:
    return _BY_STATUS.get(answer.status, RunError)(answer)
