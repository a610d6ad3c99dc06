"""The functions of the module: those of a client that is made when it is first used.

Its address is the environment variable HOTCELL_URL, or else http://127.0.0.1:8080, and
its key HOTCELL_KEY. Threads may share it. A forked process gets a client of its own,
and so does a changed environment.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

from ._answer import Answer
from ._batch import BatchOptions, BatchRun, Case
from ._client import Client
from ._job import Job, Webhook
from ._session import Session
from ._stream import Event

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._request import Options, SessionOptions

_lock = threading.Lock()
_made: dict[tuple[str | None, str | None], Client] = {}  # by address and key


def _client() -> Client:
    place = os.environ.get("HOTCELL_URL"), os.environ.get("HOTCELL_KEY")
    with _lock:
        if place not in _made:
            _made[place] = Client()
        return _made[place]


def _close() -> None:
    while _made:
        _made.popitem()[1].close()


def _forget() -> None:
    """In a forked process: the connections and the lock are the parent's."""
    global _lock, _made
    _lock, _made = threading.Lock(), {}


atexit.register(_close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def execute(script: str, **options: Unpack[Options]) -> Answer:
    """Runs a script and returns its answer, however it ended: `Client.execute`."""
    return _client().execute(script, **options)


def run(script: str, **options: Unpack[Options]) -> Any:
    """Runs a script and returns its result; raises a `RunError` if it has none: `Client.run`."""
    return _client().run(script, **options)


def stream(script: str, **options: Unpack[Options]) -> Generator[Event, None, None]:
    """Runs a script and yields an `Output` whenever it writes, and finally the `Answer`: `Client.stream`."""
    return _client().stream(script, **options)


def batch(
    script: str | list[str], cases: Iterable[Case], **options: Unpack[BatchOptions]
) -> Generator[BatchRun, None, None]:
    """Runs each script with each case, and yields what comes of each as it ends: `Client.batch`."""
    return _client().batch(script, cases, **options)


def submit(
    script: str,
    *,
    expires_s: int | None = None,
    idempotency_key: str | None = None,
    webhook: Webhook | None = None,
    **options: Unpack[Options],
) -> Job:
    """Stores a script, which runs later, and returns its job: `Client.submit`."""
    return _client().submit(script, expires_s=expires_s, idempotency_key=idempotency_key, webhook=webhook, **options)


def session(**options: Unpack[SessionOptions]) -> Session:
    """Opens a session. Use it in a `with` block, or close it: `Client.session`."""
    return _client().session(**options)


def capacity() -> dict[str, Any]:
    """Returns what GET /capacity returns: `Client.capacity`."""
    return _client().capacity()


def info() -> dict[str, Any]:
    """Returns what GET /info returns: `Client.info`."""
    return _client().info()
