"""More requests at once than a server takes: they wait, since these clients take a refusal for a failed program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from server import Server, serve

HTTP = httpx.Client(timeout=120, limits=httpx.Limits(max_connections=64))


@pytest.fixture(scope="module")
def small() -> Iterator[Server]:
    """A server with two places, and a line for four."""
    with serve("--max-running", "2", "--max-waiting", "4", "--max-expected-wait", "1ms", "--max-wait", "1ms") as server:
        yield server


def dify(url: str, code: str) -> Any:
    return HTTP.post(f"{url}/v1/sandbox/run", json={"language": "python3", "code": code}).json()["data"]["stdout"]


def piston(url: str, code: str) -> Any:
    job = {"language": "python", "version": "*", "files": [{"content": code}]}
    return HTTP.post(f"{url}/api/v2/execute", json=job).json()["run"]["output"]


def snekbox(url: str, code: str) -> Any:
    return HTTP.post(f"{url}/eval", json={"input": code}).json()["stdout"]


@pytest.mark.parametrize("run", [dify, piston, snekbox])
def test_64_in_flight_wait_in_line(small: Server, run: Callable[[str, str], Any]) -> None:
    with ThreadPoolExecutor(64) as threads:
        told = threads.map(lambda n: run(small.api(run.__name__), f"print({n})"), range(64))
        assert list(told) == [f"{n}\n" for n in range(64)]
