"""What a caller can ask for, and how it is sent."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

FileContent = str | bytes | os.PathLike[str]


class Limits(TypedDict, total=False):
    """What a script may use. One that is not given is the server's default."""

    wall_ms: int
    cpu_ms: int
    memory_bytes: int
    output_bytes: int  # stdout and stderr, each
    result_bytes: int
    files_bytes: int  # the collected files, together
    disk_bytes: int
    processes: int


class Options(TypedDict, total=False):
    """What `execute`, `run` and `stream` take beside the script."""

    args: list[Any] | tuple[Any, ...]
    kwargs: dict[str, Any]
    stdin: str
    env: dict[str, str]
    files: Mapping[str, FileContent]  # for the working directory: a text, bytes, or a Path to read
    collect: list[str] | tuple[str, ...]  # patterns of files to send back, such as "out/**"
    limits: Limits
    profile: str
    last_expression: bool  # a script without main is fine, its last expression is the result


class SessionOptions(TypedDict, total=False):
    """What `session` takes."""

    ttl: int  # seconds that it lives at most
    idle: int  # seconds without a call that end it
    limits: Limits
    profile: str


def execution(script: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a request to execute. What it does not know is for the server to take or refuse."""
    body = {"script": script, **options}
    if "files" in body:
        body["files"] = [_file(path, content) for path, content in body["files"].items()]
    return body


def _file(path: str, content: FileContent) -> dict[str, str]:
    if isinstance(content, str):
        return {"path": path, "content": content}
    if not isinstance(content, bytes):
        content = Path(content).read_bytes()
    return {"path": path, "content": base64.b64encode(content).decode("ascii"), "encoding": "base64"}


def opening(options: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a request for a session."""
    seconds = {"ttl": "ttl_s", "idle": "idle_s"}
    return {seconds.get(name, name): value for name, value in options.items()}


def encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
