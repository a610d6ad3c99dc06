"""Three nodes that share a NATS server, behind an address that gives each request to the next one."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from server import ROOT, Server, eventually, serve

NODES = 3
FLEET = os.environ.get("HOTCELL_COMPAT_FLEET") == "yes"  # is every server a fleet?


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serve_fleet(work: Path, keys: Path | None = None) -> Iterator[Server]:
    """Starts a fleet, and stops it at the end. Its log is that of all nodes."""
    nats = free_port()
    config = work / "nats.conf"
    config.write_text(f'listen: "127.0.0.1:{nats}"\njetstream: {{store_dir: "{work}"}}\n')
    with contextlib.ExitStack() as at_end, (work / "nats.log").open("w") as log:
        process = subprocess.Popen([ROOT / "build" / "nats-server", "-c", config], stderr=log)
        at_end.callback(process.wait)
        at_end.callback(process.terminate)
        eventually(lambda: listens(nats))
        nodes = []
        for _ in range(NODES):
            port = free_port()
            flags = ("--nats", f"nats://127.0.0.1:{nats}", "--advertise", f"127.0.0.1:{port}")
            nodes.append(at_end.enter_context(serve(*flags, keys=keys, port=port, pool=2)))
        fleet = Server(at_end.enter_context(turns([int(node.url.rpartition(":")[2]) for node in nodes])))
        fleet.key, fleet.other = nodes[0].key, nodes[0].other
        yield fleet


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


@contextlib.contextmanager
def turns(ports: list[int]) -> Iterator[str]:
    """Serves an address that passes each request on to the next port, whatever the client's connection."""
    script = Path(__file__).with_name("turns.mjs")
    with subprocess.Popen(["node", script, *map(str, ports)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()
