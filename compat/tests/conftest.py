from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from nodes import FLEET, serve_fleet
from server import Server, serve


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without keys."""
    needs_jails()
    with serve_fleet(tmp_path_factory.mktemp("fleet")) if FLEET else serve() as server:
        yield server


@pytest.fixture(scope="session")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that wants a key: key, and other for somebody else."""
    needs_jails()
    keys = tmp_path_factory.mktemp("keys")
    with serve_fleet(tmp_path_factory.mktemp("fleet"), keys) if FLEET else serve(keys=keys) as server:
        yield server


@pytest.fixture(scope="session")
def hasty() -> Iterator[Server]:
    """A server without keys that gives scripts a second."""
    needs_jails()
    with serve("--limits-default-wall", "1s") as server:
        yield server


def needs_jails() -> None:
    if os.geteuid() != 0:
        pytest.skip("not root, which jails need")
