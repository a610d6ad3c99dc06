"""Runs scripts: the part that clients and sessions share."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import _wire
from ._answer import Answer
from ._connection import AsyncConnection, Connection
from ._stream import Event
from ._wire import STREAM, Place

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._request import Options


class Runner:
    """Runs scripts."""

    def __init__(self, connection: Connection, place: Place) -> None:
        self._connection = connection
        self._place = place

    def execute(self, script: str, **options: Unpack[Options]) -> Answer:
        """Runs a script and returns its answer, however it ended.

        Raises `Refused` if the script was not run. For options, see `Options`.
        """
        return self._connection.do(_wire.execute(self._place, script, options))

    def run(self, script: str, **options: Unpack[Options]) -> Any:
        """Runs a script and returns its result; raises a `RunError` if it has none."""
        return self.execute(script, **options).raise_for_status().result

    def stream(self, script: str, **options: Unpack[Options]) -> Generator[Event, None, None]:
        """Runs a script and yields an `Output` whenever it writes, and finally the `Answer`.

        What it shows comes as a `Shown`, with `display` or in mode "cell".

        The script starts when the first event is requested, and waits while the
        caller requests none. Closing the generator early kills the script.
        """
        return self._connection.events(replace(_wire.execute(self._place, script, options), accept=STREAM))


class AsyncRunner:
    """Runs scripts, with async and await."""

    def __init__(self, connection: AsyncConnection, place: Place) -> None:
        self._connection = connection
        self._place = place

    async def execute(self, script: str, **options: Unpack[Options]) -> Answer:
        """Like `Runner.execute`. Cancelling it kills the script."""
        return await self._connection.do(_wire.execute(self._place, script, options))

    async def run(self, script: str, **options: Unpack[Options]) -> Any:
        """Like `Runner.run`."""
        return (await self.execute(script, **options)).raise_for_status().result

    def stream(self, script: str, **options: Unpack[Options]) -> AsyncGenerator[Event, None]:
        """Like `Runner.stream`; close it with `contextlib.aclosing`."""
        return self._connection.events(replace(_wire.execute(self._place, script, options), accept=STREAM))
