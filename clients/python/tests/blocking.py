"""Lets one test cover both clients: wraps an AsyncClient so that it is used like a Client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import aclosing
from typing import Any, TypeVar, cast

import httpx

from hotcell import AsyncClient, AsyncSession, Client

T = TypeVar("T")
Make = Callable[..., Client]  # Client, or blocking


class Loop:
    """An event loop that runs one coroutine after the other."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(coroutine)

    def close(self) -> None:
        self.run(self._loop.shutdown_asyncgens())
        self._loop.close()


class BlockingRunner:
    def __init__(self, loop: Loop, wrapped: AsyncClient | AsyncSession) -> None:
        self.loop = loop
        self.wrapped: Any = wrapped

    def execute(self, *args: Any, **options: Any) -> Any:
        return self.loop.run(self.wrapped.execute(*args, **options))

    def run(self, *args: Any, **options: Any) -> Any:
        return self.loop.run(self.wrapped.run(*args, **options))

    def stream(self, *args: Any, **options: Any) -> Iterator[Any]:
        return self._each(self.wrapped.stream(*args, **options))

    def batch(self, *args: Any, **options: Any) -> Iterator[Any]:
        return self._each(self.wrapped.batch(*args, **options))

    def _each(self, events: Any) -> Iterator[Any]:
        async def step() -> Any:
            return await anext(events, None)

        async def close() -> None:
            async with aclosing(events):
                pass

        try:
            while (event := self.loop.run(step())) is not None:
                yield event
        finally:
            self.loop.run(close())


class BlockingSession(BlockingRunner):
    def __getattr__(self, name: str) -> Any:
        found = getattr(self.wrapped, name)
        return (lambda *args: self.loop.run(found(*args))) if callable(found) else found

    def queue(self, longest_s: float) -> BlockingSession:
        return BlockingSession(self.loop, self.wrapped.queue(longest_s))

    def close(self) -> None:
        self.loop.run(self.wrapped.close())

    def __enter__(self) -> BlockingSession:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


class BlockingOpening:
    def __init__(self, loop: Loop, opening: Any) -> None:
        self._loop = loop
        self._opening = opening

    def __enter__(self) -> BlockingSession:
        return BlockingSession(self._loop, self._loop.run(self._opening.__aenter__()))

    def __exit__(self, *error: Any) -> None:
        self._loop.run(self._opening.__aexit__(*error))


class BlockingClient(BlockingRunner):
    def __init__(self, *args: Any, **options: Any) -> None:
        client = AsyncClient(*args, **options)
        super().__init__(Loop(), client)
        self._given: httpx.AsyncClient | None = options.get("http")

    def session(self, **options: Any) -> BlockingOpening:
        return BlockingOpening(self.loop, self.wrapped.session(**options))

    def attach(self, session_id: str) -> BlockingSession:
        return BlockingSession(self.loop, self.loop.run(self.wrapped.attach(session_id)))

    def info(self) -> Any:
        return self.loop.run(self.wrapped.info())

    def capacity(self) -> Any:
        return self.loop.run(self.wrapped.capacity())

    def close(self) -> None:
        self.loop.run(self.wrapped.close())
        if self._given is not None:  # a test gave it, and has no loop to close it
            self.loop.run(self._given.aclose())
        self.loop.close()

    def __enter__(self) -> BlockingClient:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


def blocking(*args: Any, **options: Any) -> Client:
    """Makes an AsyncClient that looks like a Client."""
    return cast(Client, BlockingClient(*args, **options))
