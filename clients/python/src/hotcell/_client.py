"""The clients."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

import httpx

from . import _wire
from ._connection import AsyncConnection, Connection
from ._runner import AsyncRunner, Runner
from ._session import AsyncOpening, AsyncSession, Session
from ._wire import Place, Wire

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._request import SessionOptions

DEFAULT_URL = "http://127.0.0.1:8080"
RETRIES = 3
WAITING_S = 30.0


class Client(Runner):
    """A hotcell server. Threads may share it.

    `key` is sent with every request; without it that of the environment variable
    HOTCELL_KEY is, if there is one.

    `retries` is how often a request is sent again that was refused before its
    script began, because the server is full for the moment or the key's rate is
    used up; the server says how long to wait before that. 0: never.

    `waiting_s` is how long an answer may take beyond the script's own wall clock
    limit (that of `limits`, else a minute) before `httpx.ReadTimeout` is raised and
    the script is killed; None: for ever.

    `http` is an `httpx.Client` to use for proxies, certificates and the like; who
    made it closes it.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
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
        """Opens a session: use it in a `with` block, or close it. The options are those of `SessionOptions`."""
        return Session(self._connection, self._connection.do(_wire.open_session(options)))

    def attach(self, session_id: str) -> Session:
        """The session with this id, which was opened elsewhere."""
        return Session(self._connection, self._connection.do(_wire.show_session(session_id)))

    def info(self) -> dict[str, Any]:
        """Version, profiles with their packages, limits: what GET /info answers."""
        return self._connection.do(_wire.info())

    def close(self) -> None:
        """Closes the connections. Sessions go on."""
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
        url: str = DEFAULT_URL,
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
        """As `Client.session`: `async with hotcell.session() as s`, or `s = await hotcell.session()`."""
        return AsyncOpening(self._connection, _wire.open_session(options))

    async def attach(self, session_id: str) -> AsyncSession:
        """As `Client.attach`."""
        return AsyncSession(self._connection, await self._connection.do(_wire.show_session(session_id)))

    async def info(self) -> dict[str, Any]:
        """As `Client.info`."""
        return await self._connection.do(_wire.info())

    async def close(self) -> None:
        """As `Client.close`."""
        if self._owned:
            await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()
