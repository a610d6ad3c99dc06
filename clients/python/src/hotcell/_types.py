"""The parts of answers, refusals and sessions."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

T = TypeVar("T")


class Status(str, enum.Enum):
    """How a script ended. Each member equals the string that the server sends."""

    OK = "ok"
    EXCEPTION = "exception"
    NOT_JSON = "not_json"
    TIMEOUT = "timeout"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    EXITED = "exited"
    KILLED = "killed"

    def __str__(self) -> str:
        return self.value

    @classmethod
    def read(cls, text: str) -> Status | str:
        """Returns the member for text, or text itself if this version does not know it."""
        return cls(text) if text in cls._value2member_map_ else text


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """An exception in the script."""

    type: str
    message: str
    traceback: str = ""
    line: int | None = None  # of the script, from 1
    column: int | None = None  # of a syntax error, from 1
    text: str | None = None  # that line
    hint: str = ""  # what would help, if the server knows: after a failed import, which packages there are


@dataclass(frozen=True, slots=True)
class FieldError:
    """An error in one field of a request."""

    pointer: str  # a JSON pointer, such as "/limits/wall_ms"
    message: str


@dataclass(frozen=True, slots=True)
class Truncated:
    """Whether stdout and stderr exceeded their limit."""

    stdout: bool
    stderr: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """What the jail used while the script ran. None: the server has no cgroup that counts it."""

    wall_ms: float
    cpu_ms: float | None
    peak_memory_bytes: int | None


@dataclass(frozen=True, slots=True)
class Timing:
    """Where the time went: waiting for a jail, preparing and measuring the run, the run itself."""

    queue_ms: float
    handoff_ms: float
    run_ms: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the jail of a session ended."""

    status: Status | str
    exit_code: int | None = None
    signal: str | None = None
    limit: str | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """A piece of a script's output."""

    stream: str  # "stdout" or "stderr"
    text: str


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session as the server describes it."""

    id: str
    profile: str
    created_at: datetime
    expires_at: datetime
    idle_s: int  # seconds without a call after which it ends
    limits: Mapping[str, int]  # of a call that sets none
    busy: bool
    calls: int  # finished calls


def known(kind: type[T], data: Mapping[str, Any], **converted: Any) -> T:
    """Creates a dataclass from the fields that it knows. Newer servers may send more."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{**{name: data[name] for name in names if name in data}, **converted})


def optional(kind: type[T], data: Mapping[str, Any] | None) -> T | None:
    return None if data is None else known(kind, data)


def moment(text: str) -> datetime:
    """Parses RFC 3339 in UTC with any number of fractional digits, which Python 3.10 cannot."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}+00:00")
