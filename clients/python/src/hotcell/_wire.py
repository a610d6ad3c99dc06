"""The HTTP that both clients share: requests, timeouts, refusals, retries.

Nothing here does I/O; `_connection` does, blocking or with async and await.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

import httpx

from ._answer import Answer, read_answer
from ._errors import Refused, UnexpectedAnswer
from ._numbers import integer
from ._request import encode, execution, opening
from ._types import SessionState, known, moment
from ._version import __version__

T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8080"
STREAM = "application/x-ndjson"
BINARY = "application/octet-stream"
Body = bytes | Iterable[bytes]

# How long a script without limits.wall_ms may run. If the server is configured for
# more, the caller must pass the limit.
_USUAL_WALL_MS = 60_000
_SILENCE_S = 60.0  # for a stream, which sends something every 15 s
_CONNECT_S, _WRITE_S = 10.0, 30.0

# Refusals that come before a script has begun, so that a retry cannot run it twice.
# "draining" is not one: a script that runs when the server stops gets it too.
_NOT_RUN = frozenset({"rate_limited", "saturated", "unavailable", "jobs_unavailable"})
_LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request, and how to read its answer."""

    method: str
    path: str
    read: Callable[[bytes], T]
    body: Body | None = None
    accept: str = "application/json"
    content_type: str = "application/json"
    run_s: float = 0.0  # how long the script may run


def unreachable(request: httpx.Request, error: httpx.ConnectError) -> httpx.ConnectError:
    """httpx's error with the server's address, which that does not name."""
    url = request.url
    return httpx.ConnectError(f"cannot connect to {url.scheme}://{url.netloc.decode()}: {error}", request=request)


@dataclass(frozen=True, slots=True)
class Place:
    """Where scripts run: on their own, or in a session."""

    path: str = "/execute"
    wall_ms: int = _USUAL_WALL_MS  # of a script without one


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


def prolong_session(session_id: str, ttl_s: float) -> Call[SessionState]:
    return Call("PATCH", session_path(session_id), as_session, encode({"ttl_s": int(ttl_s)}))


def interrupt_session(session_id: str) -> Call[bool]:
    return Call("POST", session_path(session_id) + "/interrupt", lambda content: bool(decode(content)["interrupted"]))


def capacity() -> Call[dict[str, Any]]:
    return Call("GET", "/capacity", decode)


def info() -> Call[dict[str, Any]]:
    return Call("GET", "/info", decode)


_SESSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def session_path(session_id: str) -> str:
    if not _SESSION_ID.fullmatch(session_id):  # otherwise it could change the URL
        raise ValueError(f"{session_id!r} is not a session id")
    return f"/sessions/{session_id}"


def decode(text: bytes | str) -> dict[str, Any]:
    """Parses a JSON object. Depth and numbers come from a script and may exceed what Python accepts."""
    try:
        data = json.loads(text, parse_int=integer)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswer(f"cannot parse the answer: {error}") from error
    if not isinstance(data, dict):
        raise UnexpectedAnswer("the answer is not a JSON object")
    return data


def read_as(reader: Callable[[Mapping[str, Any]], T], data: Mapping[str, Any]) -> T:
    """Calls reader with data, and raises UnexpectedAnswer if data does not have the form it needs."""
    try:
        return reader(data)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(f"the answer is not from hotcell: {error!r}") from error


def as_json(reader: Callable[[Mapping[str, Any]], T]) -> Callable[[bytes], T]:
    return lambda content: read_as(reader, decode(content))


def as_answer(content: bytes) -> Answer:
    return read_as(read_answer, decode(content))


def as_session(content: bytes) -> SessionState:
    def read(data: Mapping[str, Any]) -> SessionState:
        return known(SessionState, data, created_at=moment(data["created_at"]), expires_at=moment(data["expires_at"]))

    return read_as(read, decode(content))


class Wire:
    """The server's URL and the settings for talking to it."""

    def __init__(self, url: str | None, key: str | None, retries: int, waiting_s: float | None) -> None:
        if url is None:
            url = os.environ.get("HOTCELL_URL", "").strip() or DEFAULT_URL
        parsed = httpx.URL(url)
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ValueError(f"invalid url {url!r}: use for example http://127.0.0.1:8080")
        self.url = url.rstrip("/")
        self.retries = retries
        self._waiting_s = waiting_s
        self._queue_s = 0.0
        self._headers = {"User-Agent": f"hotcell-python/{__version__}"}
        key = os.environ.get("HOTCELL_KEY", "") if key is None else key
        if key.strip():
            self._headers["Authorization"] = f"Bearer {key.strip()}"

    def queue(self, longest_s: float) -> Wire:
        """Returns the same settings for calls that wait so long for their turn in a session."""
        wire = copy(self)
        wire._queue_s = longest_s
        return wire

    def request(self, http: httpx.Client | httpx.AsyncClient, call: Call[Any]) -> httpx.Request:
        read_s = None if self._waiting_s is None else call.run_s + self._waiting_s + self._queue_s
        headers = {**self._headers, "Accept": call.accept, "Content-Type": call.content_type}
        prefer = [f"queue={self._queue_s:g}"] if self._queue_s > 0 else []
        if call.accept == STREAM:
            read_s = _SILENCE_S + self._queue_s
        elif read_s is not None:  # so that the server refuses at once what would come too late
            prefer.append(f"wait={read_s:g}")
        if prefer:
            headers["Prefer"] = ", ".join(prefer)
        return http.build_request(
            call.method,
            self.url + call.path,
            content=_asynchronous(call.body) if isinstance(http, httpx.AsyncClient) else call.body,
            headers=headers,
            timeout=httpx.Timeout(read_s, connect=_CONNECT_S, write=_WRITE_S, pool=None),
        )

    def attempts(self) -> Attempts:
        return Attempts(self.retries)


def _asynchronous(body: Body | None) -> bytes | AsyncIterable[bytes] | None:
    return body if body is None or isinstance(body, bytes) else _pieces(body)


async def _pieces(body: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in body:
        yield piece


class Attempts:
    """Counts the attempts of one call."""

    def __init__(self, retries: int) -> None:
        self._left = retries

    def pause_s(self, response: httpx.Response) -> float:
        """Returns how long to wait before the next attempt; raises the refusal if there is none."""
        refused = _refusal(response)
        after = refused.retry_after
        if self._left <= 0 or refused.code not in _NOT_RUN or after is None or after > _LONGEST_PAUSE_S:
            raise refused
        self._left -= 1
        return after * random.uniform(1, 1.5)  # so that clients refused together do not return together


def _refusal(response: httpx.Response) -> Refused:
    if not response.headers.get("Content-Type", "").startswith("application/problem+json"):
        raise UnexpectedAnswer(
            f"HTTP {response.status_code} at {response.url} is not from hotcell: {response.text[:200]!r}"
        )
    text = response.headers.get("Retry-After", "")
    retry_after = float(text) if text.isdecimal() else None
    return read_as(lambda problem: Refused(problem, retry_after), decode(response.content))


def refuse(problem: Mapping[str, Any]) -> NoReturn:
    """Raises the refusal that arrived in a stream."""
    raise read_as(Refused, problem)
