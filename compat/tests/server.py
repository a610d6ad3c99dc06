"""A real `hotcell serve`, started for the tests of drop-in APIs."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "build" / "hotcell"


class Server:
    """A running server. Its keys are empty if it wants none."""

    def __init__(self, url: str, key: str = "", other: str = "") -> None:
        self.url = url
        self.key = key
        self.other = other
        self.log: list[str] = []

    def api(self, name: str) -> str:
        """Returns the address of a drop-in API."""
        return f"{self.url}/compat/{name}"

    def metric(self, line: str) -> float:
        """Returns a metric, by its name and its labels as they are written."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        with urllib.request.urlopen(urllib.request.Request(self.url + "/metrics", headers=headers)) as answer:
            found = re.search(f"^{re.escape(line)} (.+)$", answer.read().decode(), re.MULTILINE)
        return float(found[1]) if found else 0

    def ready(self) -> bool:
        try:
            urllib.request.urlopen(self.url + "/readyz").close()
        except urllib.error.URLError:
            return False
        return True


@contextlib.contextmanager
def serve(*flags: str, keys: Path | None = None, port: int = 0, pool: int = 4) -> Iterator[Server]:
    """Starts a server with a state directory of its own, and stops it at the end. Servers may
    have the same keys."""
    state = Path(tempfile.mkdtemp(prefix="compat-tests-"))
    state.chmod(0o755)  # jails must be able to enter it
    kept = ("HOTCELL_PYTHON", "HOTCELL_ROOT")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HOTCELL_") or name in kept}
    secrets: list[str] = []
    if keys:
        secrets = keys_in(keys)
        flags = (*flags, "--keys", str(keys / "keys.yaml"))
    own = ("--state-dir", state, "--jobs-dir", state / "jobs", "--pool-size", str(pool))
    process = subprocess.Popen(
        [PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", *own, *flags],
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
        server = Server(f"http://{address[1]}", *secrets)
        server.log = log
        eventually(server.ready)
        yield server
    finally:
        process.terminate()
        status = process.wait()
        if reading.ident is not None:
            reading.join()
        process.stderr.close()
        shutil.rmtree(state)
    assert status == 0, "".join(log[-50:])


def keys_in(directory: Path) -> list[str]:
    """Returns the secrets of the two keys of a directory's file, which it makes if it is missing."""
    file, known = directory / "keys.yaml", directory / "secrets"
    if known.exists():
        return known.read_text().split()
    entries, secrets = [], []
    for name in ("one", "two"):
        secret = f"hotcell_{name}-{os.urandom(24).hex()}"
        digest = hashlib.sha256(secret.encode()).hexdigest()
        secrets.append(secret)
        entries.append(f"- name: {name}\n  sha256: {digest}\n  rights: [execute, sessions, admin]\n")
    file.write_text("".join(entries))
    file.chmod(0o600)
    known.write_text(" ".join(secrets))
    return secrets


def eventually(condition: Callable[[], bool]) -> None:
    """Waits until a condition holds."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)
