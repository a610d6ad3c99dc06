"""The HTTP of both clients: requests, their timeouts, refusals, when to try again.

Nothing here reads or writes; the clients do, in their two ways.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

import httpx

from ._answer import Answer, read_answer
from ._errors import Refused, UnexpectedAnswer
from ._request import encode, execution, opening
from ._types import SessionState, known, moment
from ._version import __version__

T = TypeVar("T")

STREAM = "application/x-ndjson"

# How long a script may run that comes without limits.wall_ms, unless the server
# is configured for more: then the caller has to say it.
_USUAL_WALL_MS = 60_000
_SILENCE_S = 60.0  # of a stream, which says something every 15 s
_CONNECT_S, _WRITE_S = 10.0, 30.0

# Refusals that come before a script has begun, so that it cannot run twice.
# "draining" is none: a script that runs when the server stops gets it, too.
_NOT_RUN = frozenset({"rate_limited", "saturated", "unavailable"})
_LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request, and how its answer is read."""

    method: str
    path: str
    read: Callable[[bytes], T]
    body: bytes | None = None
    accept: str = "application/json"
    run_s: float = 0.0  # that the script may take


@dataclass(frozen=True, slots=True)
class Place:
    """Where scripts are run: by themselves, or in a session."""

    path: str = "/execute"
    wall_ms: int = _USUAL_WALL_MS  # of a script that comes without


def place_of(session: SessionState) -> Place:
    return Place(session_path(session.id) + "/execute", session.limits.get("wall_ms", _USUAL_WALL_MS))


def execute(place: Place, script: str, options: Mapping[str, Any]) -> Call[Answer]:
    wall_ms = (options.get("limits") or {}).get("wall_ms", place.wall_ms)
    return Call("POST", place.path, as_answer, encode(execution(script, options)), run_s=wall_ms / 1000)


def open_session(options: Mapping[str, Any]) -> Call[SessionState]:
    return Call("POST", "/sessions", as_session, encode(opening(options)))


def show_session(session_id: str) -> Call[SessionState]:
    return Call("GET", session_path(session_id), as_session)


def delete_session(session_id: str) -> Call[None]:
    return Call("DELETE", session_path(session_id), lambda _: None)


def info() -> Call[dict[str, Any]]:
    return Call("GET", "/info", decode)


def session_path(session_id: str) -> str:
    if not session_id.isalnum():  # else it could name another address
        raise ValueError(f"{session_id!r} is no session's id")
    return f"/sessions/{session_id}"


def decode(text: bytes | str) -> dict[str, Any]:
    """Reads an object. Nesting and numbers come from a script, and may be more than Python takes."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswer(f"the answer cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise UnexpectedAnswer("the answer is not a JSON object")
    return data


def read_as(reader: Callable[[Mapping[str, Any]], T], data: Mapping[str, Any]) -> T:
    """Uses what makes something of an object; the object may not be what it takes."""
    try:
        return reader(data)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(f"the answer is not one of hotcell's: {error!r}") from error


def as_answer(content: bytes) -> Answer:
    return read_as(read_answer, decode(content))


def as_session(content: bytes) -> SessionState:
    def read(data: Mapping[str, Any]) -> SessionState:
        return known(SessionState, data, created_at=moment(data["created_at"]), expires_at=moment(data["expires_at"]))

    return read_as(read, decode(content))


class Wire:
    """Where the server is, and how it is spoken to."""

    def __init__(self, url: str, key: str | None, retries: int, waiting_s: float | None) -> None:
        parsed = httpx.URL(url)
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ValueError(f"url is {url!r}, and must be like http://127.0.0.1:8080")
        self.url = url.rstrip("/")
        self.retries = retries
        self._waiting_s = waiting_s
        self._headers = {"User-Agent": f"hotcell-python/{__version__}", "Content-Type": "application/json"}
        key = os.environ.get("HOTCELL_KEY", "") if key is None else key
        if key.strip():
            self._headers["Authorization"] = f"Bearer {key.strip()}"

    def request(self, http: httpx.Client | httpx.AsyncClient, call: Call[Any]) -> httpx.Request:
        read_s = None if self._waiting_s is None else call.run_s + self._waiting_s
        headers = {**self._headers, "Accept": call.accept}
        if call.accept == STREAM:
            read_s = _SILENCE_S
        elif read_s is not None:  # what would come later is refused at once
            headers["Prefer"] = f"wait={read_s:g}"
        return http.build_request(
            call.method,
            self.url + call.path,
            content=call.body,
            headers=headers,
            timeout=httpx.Timeout(read_s, connect=_CONNECT_S, write=_WRITE_S, pool=None),
        )

    def attempts(self) -> Attempts:
        return Attempts(self.retries)


class Attempts:
    """Counts the attempts of one call."""

    def __init__(self, retries: int) -> None:
        self._left = retries

    def pause_s(self, response: httpx.Response) -> float:
        """How long to wait after a refusal before the next attempt; raises it when there is to be none."""
        refused = _refusal(response)
        after = refused.retry_after
        if self._left <= 0 or refused.code not in _NOT_RUN or after is None or after > _LONGEST_PAUSE_S:
            raise refused
        self._left -= 1
        return after * random.uniform(1, 1.5)  # those who were refused together do not come back together


def _refusal(response: httpx.Response) -> Refused:
    if not response.headers.get("Content-Type", "").startswith("application/problem+json"):
        raise UnexpectedAnswer(
            f"HTTP {response.status_code} at {response.url}, and not from hotcell: {response.text[:200]!r}"
        )
    text = response.headers.get("Retry-After", "")
    retry_after = float(text) if text.isdecimal() else None
    return read_as(lambda problem: Refused(problem, retry_after), decode(response.content))


def refuse(problem: Mapping[str, Any]) -> NoReturn:
    """Raises the refusal that came in a stream."""
    raise read_as(Refused, problem)
