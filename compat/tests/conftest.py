from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from server import Server, serve


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server without keys."""
    needs_jails()
    with serve() as server:
        yield server


@pytest.fixture(scope="session")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that wants a key: key, and other for somebody else."""
    needs_jails()
    with serve(keys=Path(tmp_path_factory.mktemp("keys"))) as server:
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
