from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from blocking import Make, blocking
from server import Server, serve

from hotcell import Client


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if os.geteuid() != 0:
        pytest.skip("not root, which jails need")
    with serve() as server:
        yield server


@pytest.fixture(params=[Client, blocking], ids=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Make:
    """Makes a client, blocking or not."""
    kind: Make = request.param
    return kind


@pytest.fixture
def hotcell(make: Make, server: Server) -> Iterator[Client]:
    with make(server.url) as client:
        yield client
