"""Sends calls: Connection blocks, AsyncConnection uses async and await."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, closing
from typing import Any, TypeVar

import httpx

from ._batch import Batch, BatchRun
from ._stream import Event, Events
from ._whole import written
from ._wire import Call, Wire, unreachable

T = TypeVar("T")


class Connection:
    """Sends calls with an `httpx.Client`."""

    def __init__(self, wire: Wire, http: httpx.Client) -> None:
        self._wire = wire
        self._http = http

    def queue(self, longest_s: float) -> Connection:
        return Connection(self._wire.queue(longest_s), self._http)

    def do(self, call: Call[T]) -> T:
        with closing(self._open(call)) as response:
            content = response.read()
        return call.read(content)

    def download(self, call: Call[Any], target: str | os.PathLike[str]) -> None:
        with closing(self._open(call)) as response, written(target) as file:
            for piece in response.iter_bytes():
                file.write(piece)

    def events(self, call: Call[Any]) -> Generator[Event, None, None]:
        events = Events()
        with closing(self._open(call)) as response:
            for piece in response.iter_bytes():
                yield from events.feed(piece)
        events.end()

    def batch(self, batch: Batch) -> Generator[BatchRun, None, None]:
        for call in batch.calls():
            with closing(self._open(call)) as response:
                for piece in response.iter_bytes():
                    yield from batch.feed(piece)
            batch.end()

    def _open(self, call: Call[Any]) -> httpx.Response:
        attempts = self._wire.attempts()
        while True:
            request = self._wire.request(self._http, call)
            try:
                response = self._http.send(request, stream=True)
            except httpx.ConnectError as error:
                raise unreachable(request, error) from error
            if response.is_success:
                return response
            with closing(response):
                response.read()
            time.sleep(attempts.pause_s(response))


class AsyncConnection:
    """Sends calls with an `httpx.AsyncClient`."""

    def __init__(self, wire: Wire, http: httpx.AsyncClient) -> None:
        self._wire = wire
        self._http = http

    def queue(self, longest_s: float) -> AsyncConnection:
        return AsyncConnection(self._wire.queue(longest_s), self._http)

    async def do(self, call: Call[T]) -> T:
        async with aclosing(await self._open(call)) as response:
            content = await response.aread()
        return call.read(content)

    async def download(self, call: Call[Any], target: str | os.PathLike[str]) -> None:
        async with aclosing(await self._open(call)) as response:
            with written(target) as file:
                async for piece in response.aiter_bytes():
                    file.write(piece)

    async def events(self, call: Call[Any]) -> AsyncGenerator[Event, None]:
        events = Events()
        async with aclosing(await self._open(call)) as response:
            async for piece in response.aiter_bytes():
                for event in events.feed(piece):
                    yield event
        events.end()

    async def batch(self, batch: Batch) -> AsyncGenerator[BatchRun, None]:
        for call in batch.calls():
            async with aclosing(await self._open(call)) as response:
                async for piece in response.aiter_bytes():
                    for run in batch.feed(piece):
                        yield run
            batch.end()

    async def _open(self, call: Call[Any]) -> httpx.Response:
        attempts = self._wire.attempts()
        while True:
            request = self._wire.request(self._http, call)
            try:
                response = await self._http.send(request, stream=True)
            except httpx.ConnectError as error:
                raise unreachable(request, error) from error
            if response.is_success:
                return response
            async with aclosing(response):
                await response.aread()
            await asyncio.sleep(attempts.pause_s(response))
