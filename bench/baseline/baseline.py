"""What people do without hotcell: unjailed baselines, which answer the same requests.

  resident   one warm process runs each line of its stdin as a request: the floor of latency
  fork       one warm process forks for each connection to the socket that is its stdin: the floor of one process each
  once       imports, answers the request on its stdin, and ends: what runs in one jail a request

A request is a line of JSON with `script` and `args`, as POST /execute takes it; the answer is main's result, as a line
of JSON.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
from typing import Any

_WARM_ROUNDS = 20  # as many as a zygote's


def answer(line: bytes) -> bytes:
    """Runs a request."""
    request = json.loads(line)
    names: dict[str, Any] = {"__name__": "script"}
    exec(compile(request["script"], "script", "exec"), names)
    result = names["main"](*request.get("args", ()))
    return json.dumps(result, default=lambda value: value.item(), separators=(",", ":")).encode() + b"\n"


def warm_up(line: bytes) -> None:
    for name in ("numpy", "pandas"):
        importlib.import_module(name)
    for _ in range(_WARM_ROUNDS):
        answer(line)
    gc.collect()
    gc.freeze()


def resident() -> None:
    warm_up(sys.stdin.buffer.readline())
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(answer(line))
        sys.stdout.buffer.flush()


def fork() -> None:
    listener = socket.socket(fileno=os.dup(0))
    first, _ = listener.accept()
    with first, first.makefile("rb") as lines:
        warm_up(lines.readline())
        first.sendall(b"ready\n")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            try:
                with connection.makefile("rb") as lines:
                    connection.sendall(answer(lines.readline()))
            finally:
                os._exit(0)
        connection.close()


def once() -> None:
    sys.stdout.buffer.write(answer(sys.stdin.buffer.readline()))


if __name__ == "__main__":
    {"resident": resident, "fork": fork, "once": once}[sys.argv[1]]()
