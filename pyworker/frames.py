"""Frames of protocol/PROTOCOL.md: length, type, payload."""

import builtins
import json
import os
import struct
from collections.abc import Callable

# A script may replace builtins; code that runs after it keeps the real ones.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

PROTOCOL = 1
START, HELLO, SPAWN, SPAWNED, EXITED, GO, READY, RUN, RESULT, FAILED, FILE, TTY = range(1, 13)
OUTPUT, INTERRUPT, TRANSFER, PIECE, DONE, SNAPSHOT = range(13, 19)
MAX_CONTROL_BYTES = 128 << 10
MAX_RUN_BYTES = 64 << 20
MAX_RESULT_DEPTH = 500  # nested arrays and objects, counting the outermost as one

_HEADER = struct.Struct(">IB")
HEADER_BYTES = _HEADER.size
_LARGE = 64 << 10  # bytes: more is read into one buffer, and not copied

Octets = bytes | bytearray


class FrameError(Exception):
    """The other side sent something that is not a frame, or a frame that is too long."""


def encode(kind: int, payload: bytes, _pack: Callable[..., bytes] = _HEADER.pack) -> bytes:
    return _pack(len(payload), kind) + payload


def send(
    fd: int,
    kind: int,
    head: bytes,
    value: Octets,
    _pack: Callable[..., bytes] = _HEADER.pack,
    _writev: Callable[[int, tuple[bytes, Octets]], int] = os.writev,
) -> None:
    """Writes a frame whose payload is head and value, which is not copied."""
    begin = _pack(len(head) + len(value), kind) + head
    left = len(begin) + len(value) - _writev(fd, (begin, value))
    if left > len(value):
        write(fd, begin[len(value) - left :])
        left = len(value)
    if left:
        write(fd, memoryview(value)[len(value) - left :])


def header(data: bytes, max_bytes: int) -> tuple[int, int]:
    """Returns the type and the payload's length, checked before anything is allocated."""
    size, kind = _HEADER.unpack(data)
    if not START <= kind <= SNAPSHOT:
        raise FrameError(f"unknown frame type {kind}")
    if size > max_bytes:
        raise FrameError(f"frame of {size} bytes, at most {max_bytes}")
    return kind, size


def decode_packet(packet: bytes) -> tuple[int, bytes]:
    """Parses a packet of the control channel, which contains exactly one frame."""
    if len(packet) < HEADER_BYTES:
        raise FrameError(f"packet of {len(packet)} bytes")
    kind, size = header(packet[:HEADER_BYTES], MAX_CONTROL_BYTES)
    if size != len(packet) - HEADER_BYTES:
        raise FrameError(f"frame of {size} bytes in a packet with {len(packet) - HEADER_BYTES}")
    return kind, packet[HEADER_BYTES:]


def read(fd: int, max_bytes: int) -> tuple[int, Octets]:
    """Reads one frame. Raises EOFError if the other side is gone."""
    kind, size = header(bytes(_read_exactly(fd, HEADER_BYTES)), max_bytes)
    return kind, _read_exactly(fd, size)


def write(fd: int, data: bytes | memoryview, _write: Callable[[int, memoryview], int] = os.write) -> None:
    """Writes all of data, in as many calls as needed."""
    view = memoryview(data)
    while view:
        view = view[_write(fd, view) :]


def _read_exactly(fd: int, size: int) -> Octets:
    begin = b""
    if size <= _LARGE:
        begin = os.read(fd, size)
        if len(begin) == size:
            return begin
        if not begin:
            raise EOFError(f"{size} of {size} bytes missing")
    whole = bytearray(size)
    got = len(begin)
    whole[:got] = begin
    with memoryview(whole) as view:
        while got < size:
            came = os.readv(fd, [view[got:]])
            if not came:
                raise EOFError(f"{size - got} of {size} bytes missing")
            got += came
    return whole


def exited(cell: int, status: int) -> bytes:
    """Returns EXITED for a wait(2) status."""
    code, signal = (0, os.WTERMSIG(status)) if os.WIFSIGNALED(status) else (os.WEXITSTATUS(status), 0)
    return encode(EXITED, b'{"cell":%d,"code":%d,"signal":%d}' % (cell, code, signal))


def failed(cell: int, step: str, error: BaseException) -> bytes:
    """Returns FAILED: which step of a start failed, and how."""
    if isinstance(error, OSError) and error.errno is not None and error.filename is None:
        error = OSError(*error.args)  # of the usual type for its number, whatever raised it
    what = {"cell": cell, "step": step[:200], "error": f"{type(error).__name__}: {error}"[:2000]}
    return encode(FAILED, json.dumps(what).encode())
