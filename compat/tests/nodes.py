"""Three nodes that share a NATS server, behind an address that gives each request to the next one."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import socket
import struct
import subprocess
import threading
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


def was_cut(first: bytes, last: bytes) -> bool:
    """Reports whether an answer was cut off, by how it begins and ends."""
    chunked = b"transfer-encoding: chunked" in first.partition(b"\r\n\r\n")[0].lower()
    return chunked and last != b"0\r\n\r\n"


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection so that nobody takes its answer for a whole one: Node's client takes the
    end of one with `Connection: close` for the end of its answer."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextlib.contextmanager
def turns(ports: list[int]) -> Iterator[str]:
    """Serves an address that passes each request on to the next port, whatever the client's connection."""
    upstream = itertools.cycle(ports)

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if not re.search(rb"\r\nupgrade:", head, re.IGNORECASE):  # the answer ends the connection
                head = re.sub(rb"\r\nconnection:[^\r]*", b"", head, flags=re.IGNORECASE)
                head = head[:-2] + b"Connection: close\r\n\r\n"
            node, to_node = await asyncio.open_connection("127.0.0.1", next(upstream))
            with contextlib.closing(to_node):
                to_node.write(head)
                ways = [asyncio.create_task(copy(reader, to_node)), asyncio.create_task(copy(node, writer))]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                if ways[1].done() and (ways[1].exception() or was_cut(*ways[1].result())):
                    reset(writer)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[bytes, bytes]:
        first = last = b""
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
            first, last = first or data, (last + data)[-5:]
        return first, last

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(serve_one, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
