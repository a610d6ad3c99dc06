"""A real `hotcell serve`, started for the tests."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

PROGRAM = Path(__file__).parents[3] / "build" / "hotcell"


class Server:
    """A running server."""

    def __init__(self, url: str, process: subprocess.Popen[str]) -> None:
        self.url = url
        self.process = process

    def running(self) -> int:
        """Returns how many scripts run now."""
        found = re.search(r"^hotcell_running (\d+)$", httpx.get(self.url + "/metrics").text, re.MULTILINE)
        assert found
        return int(found[1])


@contextlib.contextmanager
def serve(*flags: str) -> Iterator[Server]:
    """Starts a server with a state directory of its own, and stops it at the end."""
    state = Path(tempfile.mkdtemp(prefix="client-tests-"))
    state.chmod(0o755)  # jails must be able to enter it
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith("HOTCELL_") or name == "HOTCELL_PYTHON"
    }
    process = subprocess.Popen(
        [
            PROGRAM,
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--state-dir",
            state,
            "--jobs-dir",
            state / "jobs",
            "--preload",
            "",
            "--pool-size",
            "4",
            *flags,
        ],
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    )
    assert process.stderr
    log: list[str] = []
    reading = threading.Thread(target=lambda: None)
    try:
        for line in process.stderr:
            log.append(line)
            if address := re.search(r"msg=serving address=(\S+)", line):
                break
        else:
            raise AssertionError(f"the server did not start: {''.join(log)}")
        reading = threading.Thread(target=log.extend, args=(process.stderr,))
        reading.start()
        server = Server(f"http://{address[1]}", process)
        eventually(lambda: httpx.get(server.url + "/readyz").is_success)
        yield server
    finally:
        process.terminate()
        status = process.wait()
        if reading.ident is not None:
            reading.join()
        process.stderr.close()
        shutil.rmtree(state)
    assert status == 0, "".join(log)


def eventually(condition: Callable[[], bool]) -> None:
    """Waits until a condition holds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)
