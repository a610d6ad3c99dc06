"""Moves the zygote's memory into a file that cells map privately (docs/performance.md).

The supervisor makes the file and the plan, because nothing in a jail can see its own
mappings. The file also has the code for the move: while memory moves, Python must not
run, since it would write what is lost.
"""

import ctypes
import gc
import json
import os
import signal
import socket
from collections.abc import Callable

from pyworker import frames, linux

_MAX_PACKET_BYTES = 2000  # small, so that no memory is mapped or unmapped for it
_POPULATE = -1  # in place of a descriptor, see nsjail/snapshot/code_linux.go

_routine: Callable[[int, int, int], int] | None = None
_at = _runs = _hot = 0


def take(control: socket.socket, go_on: Callable[[int, int, tuple[int, ...]], bool]) -> bool:
    """Lets the supervisor look at this process, and moves into the file that it sends. Where the supervisor
    allows a loop, go_on may move instead, and go on from there. Returns whether it did."""
    global _routine, _at, _runs, _hot
    gc.collect()
    gc.freeze()
    control.send(frames.encode(frames.SNAPSHOT, b"{}"))
    packet, fds, _, _ = socket.recv_fds(control, _MAX_PACKET_BYTES, 1)
    kind, payload = frames.decode_packet(packet)
    if kind != frames.SNAPSHOT or len(fds) != 1:
        raise frames.FrameError(f"frame {kind} with {len(fds)} descriptors instead of SNAPSHOT with one")
    head = json.loads(payload)
    at = linux.map_code(fds[0], head["offset"], head["bytes"])
    linux.load_seccomp(ctypes.string_at(at + head["filter"], head["filter_bytes"]))
    # A function that keeps the interpreter's lock: letting go of it writes.
    _routine = ctypes.PYFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_long, ctypes.c_int)(at)
    _at, _runs, _hot = at, at + head["runs"], head["hot"]
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # a handler would write, too
    move = at + head["regions"], head["moved"], fds[0]
    if head["cgroups"] and go_on(head["cgroups"], fds[0], (at, *move)):
        return True
    failed = _routine(*move)
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    if failed:
        raise OSError(-failed, os.strerror(-failed))
    os.close(fds[0])
    control.send(frames.encode(frames.SNAPSHOT, b"{}"))
    return False


def populating() -> tuple[int, ...]:
    """Returns the function that populate calls, and its arguments."""
    return _at, _runs, _hot, _POPULATE


def populate() -> None:
    """Copies the pages that a cell is going to write, in one go."""
    if _routine:
        _routine(_runs, _hot, _POPULATE)
