"""Client and AsyncClient."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any

import httpx

from . import _wire
from ._batch import Batch, BatchOptions, BatchRun, Case
from ._connection import AsyncConnection, Connection
from ._job import AsyncJob, Job, Webhook, show, submission
from ._runner import AsyncRunner, Runner
from ._session import AsyncOpening, AsyncSession, Session
from ._wire import Place, Wire

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._request import Options, SessionOptions

RETRIES = 3
WAITING_S = 30.0


class Client(Runner):
    """A client of a hotcell server. Threads may share it.

    `url` is the server's address, by default that of the environment variable
    HOTCELL_URL, or else http://127.0.0.1:8080.

    `key` is sent with every request. The default is the value of the environment
    variable HOTCELL_KEY, if it is set.

    `retries` is the maximum number of retries of a request that was refused before
    its script began, because the server is full or the key's rate is used up. The
    server says how long to wait before each retry. 0 disables retries.

    `waiting_s` is how many seconds an answer may take beyond the script's own wall
    clock limit (from `limits`, by default a minute) before `httpx.ReadTimeout` is
    raised and the script is killed. None means no timeout.

    `http` is an `httpx.Client` to use, for proxies, certificates and the like. The
    caller closes it.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | None = None,
        retries: int = RETRIES,
        waiting_s: float | None = WAITING_S,
        http: httpx.Client | None = None,
    ) -> None:
        wire = Wire(url, key, retries, waiting_s)
        self._http, self._owned = http or httpx.Client(), http is None
        super().__init__(Connection(wire, self._http), Place())

    def session(self, **options: Unpack[SessionOptions]) -> Session:
        """Opens a session. Use it in a `with` block, or close it. For options, see `SessionOptions`."""
        return Session(self._connection, self._connection.do(_wire.open_session(options)))

    def attach(self, session_id: str) -> Session:
        """Returns the session with this id, which was opened elsewhere."""
        return Session(self._connection, self._connection.do(_wire.show_session(session_id)))

    def batch(
        self, script: str | list[str], cases: Iterable[Case], **options: Unpack[BatchOptions]
    ) -> Generator[BatchRun, None, None]:
        """Runs each script with each case, and yields what comes of each as it ends.

        Cases are taken as they are sent, so there may be any number of them. Closing the
        generator early cancels what has not finished. Raises `Refused` if the batch ends
        early: see its `code`. For options, see `BatchOptions`.
        """
        return self._connection.batch(Batch(script, cases, options))

    def submit(
        self,
        script: str,
        *,
        expires_s: int | None = None,
        idempotency_key: str | None = None,
        webhook: Webhook | None = None,
        **options: Unpack[Options],
    ) -> Job:
        """Stores a script on the server's disk, which runs it when there is an idle jail, whatever dies meanwhile.

        It returns when the job is stored: `job.wait()` has the answer. `expires_s` is after how
        many seconds it is too late to begin. The same `idempotency_key` gets the same job;
        without one, each call makes a job.
        """
        call = submission(script, options, expires_s, idempotency_key, webhook)
        return Job(self._connection, self._connection.do(call))

    def job(self, job_id: str) -> Job:
        """Returns the job with this id, which this or another process has submitted."""
        return Job(self._connection, self._connection.do(show(job_id)))

    def capacity(self) -> dict[str, Any]:
        """Returns what GET /capacity returns: what runs now, and `suggested_concurrency`."""
        return self._connection.do(_wire.capacity())

    def info(self) -> dict[str, Any]:
        """Returns what GET /info returns: version, profiles with their packages, limits."""
        return self._connection.do(_wire.info())

    def close(self) -> None:
        """Closes the connections. Sessions stay open."""
        if self._owned:
            self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class AsyncClient(AsyncRunner):
    """A `Client` for asyncio."""

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | None = None,
        retries: int = RETRIES,
        waiting_s: float | None = WAITING_S,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        wire = Wire(url, key, retries, waiting_s)
        self._http, self._owned = http or httpx.AsyncClient(), http is None
        super().__init__(AsyncConnection(wire, self._http), Place())

    def session(self, **options: Unpack[SessionOptions]) -> AsyncOpening:
        """Like `Client.session`: `async with hotcell.session() as s`, or `s = await hotcell.session()`."""
        return AsyncOpening(self._connection, _wire.open_session(options))

    async def attach(self, session_id: str) -> AsyncSession:
        """Like `Client.attach`."""
        return AsyncSession(self._connection, await self._connection.do(_wire.show_session(session_id)))

    def batch(
        self, script: str | list[str], cases: Iterable[Case], **options: Unpack[BatchOptions]
    ) -> AsyncGenerator[BatchRun, None]:
        """Like `Client.batch`; close it with `contextlib.aclosing`."""
        return self._connection.batch(Batch(script, cases, options))

    async def submit(
        self,
        script: str,
        *,
        expires_s: int | None = None,
        idempotency_key: str | None = None,
        webhook: Webhook | None = None,
        **options: Unpack[Options],
    ) -> AsyncJob:
        """Like `Client.submit`; `await job` has the answer."""
        call = submission(script, options, expires_s, idempotency_key, webhook)
        return AsyncJob(self._connection, await self._connection.do(call))

    async def job(self, job_id: str) -> AsyncJob:
        """Like `Client.job`."""
        return AsyncJob(self._connection, await self._connection.do(show(job_id)))

    async def capacity(self) -> dict[str, Any]:
        """Like `Client.capacity`."""
        return await self._connection.do(_wire.capacity())

    async def info(self) -> dict[str, Any]:
        """Like `Client.info`."""
        return await self._connection.do(_wire.info())

    async def close(self) -> None:
        """Like `Client.close`."""
        if self._owned:
            await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()
