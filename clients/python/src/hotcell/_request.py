"""The options of a request, and the JSON that is sent for them."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import Any, TypedDict

FileContent = str | bytes | os.PathLike[str]
# By their paths in the jail, or local files, which keep their paths below the current
# directory, and else get their own names.
FilesIn = Mapping[str, FileContent] | Iterable[str | os.PathLike[str]]


class Limits(TypedDict, total=False):
    """Limits of a script. The server has a default for each."""

    wall_ms: int
    cpu_ms: int
    memory_bytes: int
    output_bytes: int  # stdout and stderr, each
    result_bytes: int
    files_bytes: int  # of all collected files
    outputs_bytes: int  # of all that the script shows
    disk_bytes: int
    processes: int
    interrupt_grace_ms: int  # how long a session's call may go on after an interrupt


class Options(TypedDict, total=False):
    """Options of `execute`, `run` and `stream`."""

    args: list[Any] | tuple[Any, ...]
    kwargs: dict[str, Any]
    stdin: str
    env: dict[str, str]
    files: FilesIn  # {path: text, bytes, or a Path to read}, or local files: ["in.csv"]
    collect: list[str] | tuple[str, ...]  # patterns of files to return, such as "out/**"
    limits: Limits
    profile: str
    mode: str  # "function", or "program": the script is what `python script.py` would run, and args its command line
    display: bool  # if true, what the script shows comes back, as it always does in mode "cell"
    last_expression: bool  # if true, main is optional and the last expression is the result


class SessionOptions(TypedDict, total=False):
    """Options of `session`."""

    ttl: int  # its lifetime in seconds
    idle: int  # seconds without a call after which it ends
    limits: Limits
    profile: str
    mode: str  # of calls that name none
    env: dict[str, str]
    files: FilesIn  # for the working directory, as for `execute`
    id: str  # an id of your own choice


def execution(script: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the body of a request to execute. Unknown options are left to the server."""
    body = {"script": script, **options}
    if "files" in body:
        body["files"] = _files(body["files"])
    return body


def _files(files: FilesIn) -> list[dict[str, str]]:
    if isinstance(files, (str, bytes, os.PathLike)):
        raise TypeError(f"invalid files {files!r}: use a list of local files, or a dict of paths and contents")
    if not isinstance(files, Mapping):
        names = list(files)
        paths = {_own_path(name): Path(name) for name in names}
        if len(paths) < len(names):
            raise ValueError(f"two of {names!r} have the same name in the jail: use a dict of paths and files")
        files = paths
    return [_file(path, content) for path, content in files.items()]


def _own_path(name: str | os.PathLike[str]) -> str:
    path = PurePath(os.path.normpath(name))
    return path.name if path.is_absolute() or path.parts[:1] == ("..",) else path.as_posix()


def _file(path: str, content: FileContent) -> dict[str, str]:
    if isinstance(content, str):
        return {"path": path, "content": content}
    if not isinstance(content, bytes):
        content = Path(content).read_bytes()
    return {"path": path, "content": base64.b64encode(content).decode("ascii"), "encoding": "base64"}


def opening(options: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the body of a request for a session."""
    seconds = {"ttl": "ttl_s", "idle": "idle_s"}
    body = {seconds.get(name, name): value for name, value in options.items()}
    if "files" in body:
        body["files"] = _files(body["files"])
    return body


def encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
