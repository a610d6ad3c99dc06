"""Sessions: one jail for many calls."""

from __future__ import annotations

import os
from collections.abc import Generator
from copy import copy
from types import TracebackType
from typing import Any

from . import _files, _wire
from ._connection import AsyncConnection, Connection
from ._errors import Refused
from ._files import SessionFile
from ._request import FileContent
from ._runner import AsyncRunner, Runner
from ._types import SessionState

# Closing a session that has ended is not an error.
_ENDED = ("gone", "not_found")


class Session(Runner):
    """A jail that keeps names and files between calls.

    A call over its time is interrupted, and the session lives if the script then ends
    within `limits["interrupt_grace_ms"]`. A call that crashes, is killed or exceeds a
    limit of memory or output ends the session: every later call raises `Refused` with
    the code "gone".
    """

    def __init__(self, connection: Connection, state: SessionState) -> None:
        super().__init__(connection, _wire.place_of(state))
        self.id = state.id
        self.expires_at = state.expires_at

    def queue(self, longest_s: float) -> Session:
        """Returns the same session for a caller who waits in line, at most so long, while another call runs in it.

        Without it, such a call or transfer raises `Refused` with the code "busy".
        """
        waits = copy(self)
        waits._connection = self._connection.queue(longest_s)
        return waits

    def state(self) -> SessionState:
        """Asks the server for the session's current state."""
        return self._connection.do(_wire.show_session(self.id))

    def prolong(self, ttl_s: float) -> SessionState:
        """Lets the session live for so many seconds from now on, up to the server's `session_ttl` in all."""
        state = self._connection.do(_wire.prolong_session(self.id, ttl_s))
        self.expires_at = state.expires_at
        return state

    def interrupt(self) -> bool:
        """Interrupts the running call, as Ctrl-C does, and reports whether there is one. The session lives."""
        return self._connection.do(_wire.interrupt_session(self.id))

    def list_files(self, pattern: str | None = None) -> list[SessionFile]:
        """Returns the files in and below the working directory: all, or those like "out/**"; at most 10,000."""
        return self._connection.do(_files.list_files(self.id, pattern))

    def read_file(self, path: str) -> bytes:
        """Returns the content of a file. Raises `Refused` with the code "not_found" if there is none."""
        return self._connection.do(_files.read_file(self.id, path))

    def download_file(self, path: str, target: str | os.PathLike[str]) -> None:
        """Writes a file of the session to target, piece by piece. If that breaks off, target is as it was before."""
        self._connection.download(_files.read_file(self.id, path), target)

    def write_file(self, path: str, content: FileContent) -> None:
        """Writes a file: text, bytes, or a path to read, which is sent piece by piece."""
        self._connection.do(_files.write_file(self.id, path, content))

    def remove_file(self, path: str) -> None:
        """Removes a file."""
        self._connection.do(_files.remove_file(self.id, path))

    def close(self) -> None:
        """Ends the session and any running call. A `with` block does this on exit."""
        try:
            self._connection.do(_wire.delete_session(self.id))
        except Refused as refused:
            if refused.code not in _ENDED:
                raise

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class AsyncSession(AsyncRunner):
    """A `Session` for async and await."""

    def __init__(self, connection: AsyncConnection, state: SessionState) -> None:
        super().__init__(connection, _wire.place_of(state))
        self.id = state.id
        self.expires_at = state.expires_at

    def queue(self, longest_s: float) -> AsyncSession:
        """Like `Session.queue`."""
        waits = copy(self)
        waits._connection = self._connection.queue(longest_s)
        return waits

    async def state(self) -> SessionState:
        """Like `Session.state`."""
        return await self._connection.do(_wire.show_session(self.id))

    async def prolong(self, ttl_s: float) -> SessionState:
        """Like `Session.prolong`."""
        state = await self._connection.do(_wire.prolong_session(self.id, ttl_s))
        self.expires_at = state.expires_at
        return state

    async def interrupt(self) -> bool:
        """Like `Session.interrupt`."""
        return await self._connection.do(_wire.interrupt_session(self.id))

    async def list_files(self, pattern: str | None = None) -> list[SessionFile]:
        """Like `Session.list_files`."""
        return await self._connection.do(_files.list_files(self.id, pattern))

    async def read_file(self, path: str) -> bytes:
        """Like `Session.read_file`."""
        return await self._connection.do(_files.read_file(self.id, path))

    async def download_file(self, path: str, target: str | os.PathLike[str]) -> None:
        """Like `Session.download_file`."""
        await self._connection.download(_files.read_file(self.id, path), target)

    async def write_file(self, path: str, content: FileContent) -> None:
        """Like `Session.write_file`."""
        await self._connection.do(_files.write_file(self.id, path, content))

    async def remove_file(self, path: str) -> None:
        """Like `Session.remove_file`."""
        await self._connection.do(_files.remove_file(self.id, path))

    async def close(self) -> None:
        """Like `Session.close`."""
        try:
            await self._connection.do(_wire.delete_session(self.id))
        except Refused as refused:
            if refused.code not in _ENDED:
                raise

    async def __aenter__(self) -> AsyncSession:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()


class AsyncOpening:
    """A session to open: by `async with`, which also ends it, or by `await`."""

    def __init__(self, connection: AsyncConnection, opening: _wire.Call[SessionState]) -> None:
        self._connection = connection
        self._opening = opening

    async def _open(self) -> AsyncSession:
        self._session = AsyncSession(self._connection, await self._connection.do(self._opening))
        return self._session

    def __await__(self) -> Generator[Any, None, AsyncSession]:
        return self._open().__await__()

    async def __aenter__(self) -> AsyncSession:
        return await self._open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._session.close()
