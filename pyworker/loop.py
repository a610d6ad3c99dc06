"""The zygote's loop, made by machine code (calls.py).

Whatever runs in Python writes to memory: to frames, to code, to what is allocated. A page
that the zygote writes after a fork is copied, and the mapping that it is in has page tables
that each fork copies, too. So once the zygote has moved into a snapshot, it makes cells
by system calls of a table alone, until one of them fails, and a cell's Python begins when
the pages are there that it is going to write.

The zygote sends SPAWN back as it came, with a pidfd, instead of SPAWNED. It has children
ended by the kernel, without EXITED: the supervisor learns from the pidfd how they ended.
"""

import contextlib
import ctypes
import json
import os
import socket
import struct
from typing import Any

from pyworker import calls, forks, frames, isolation, landlock, linux, snapshot, system

_MAX_SPAWN_BYTES = 4096
_MSG_CMSG_CLOEXEC = 0x40000000
_CMSG_HEADER_BYTES, _CMSG_BYTES = 16, 24  # of one descriptor
_ROOM_AT = 40  # struct msghdr: how much room there is for descriptors
_SOL_SOCKET, _SCM_RIGHTS = 1, 1
_NO_PID = -1

_libc = ctypes.CDLL(None)
_errno_location = _libc["__errno_location"]
_errno_location.restype = ctypes.c_void_p
_LOOPING = frames.encode(frames.SNAPSHOT, b'{"loop":true}')


def free_descriptors(file: int) -> list[int]:
    """Returns the numbers that the descriptors of the next cell get once the file is closed: that of its channel,
    of its ruleset if it has one, and its pidfd. There are none where the loop cannot be."""
    if not calls.can_loop() or not linux.can_close_ranges():
        return []
    more = [os.dup(file) for _ in range(2 if landlock.is_used() else 1)]
    for fd in more:
        os.close(fd)
    fds = [file, *more]
    return fds if isolation.may_be_sent(fds) and fds == sorted(fds) else []


class Loop:
    """Makes cells like those before, whose table isolation.py has planned."""

    def __init__(self, control: socket.socket, namespace: int, fds: list[int], cgroups: int) -> None:
        self._control, self._namespace, self._fds = control, namespace, fds
        self._table = calls.Calls()
        self._packet = self._table.put(b"", room=_MAX_SPAWN_BYTES)
        self._add(control.fileno(), fds[-1])
        self._table.seal()
        self._table.store(self._receive, self._bytes_at)
        self._pid_at = self._table.address(self._open, 0)
        self._table.store(self._fork, self._pid_at)
        self._entry = isolation.Entry(fds[:-1], cgroups, snapshot.populating())
        self._loop = calls.Loop(self._table, self._fork, self._entry)
        self._came = ctypes.c_int64(0)
        self._errno = ctypes.c_int.from_address(_errno_location())

    def _add(self, control: int, pidfd: int) -> None:
        table, ruleset = self._table, self._fds[1:-1]
        io_vector = table.put(struct.pack("2Q", self._packet, _MAX_SPAWN_BYTES))
        rights = table.put(bytes(_CMSG_BYTES))
        message = table.put(struct.pack("7Q", 0, 0, io_vector, 1, rights, _CMSG_BYTES, 0))
        self._room = ctypes.c_size_t.from_address(message + _ROOM_AT)  # becomes as much as came
        step = "receive SPAWN"
        self._receive = table.add(step, "recvmsg", control, message, _MSG_CMSG_CLOEXEC, want=calls.POSITIVE)
        table.add(step, "read", self._fds[0], 0, 0, want=0)  # else a cell would use what is in its place
        for fd in ruleset:
            landlock.add_ruleset(table, fd)
        self._fork = table.add("fork", "unshare", linux.CLONE_NEWPID) + 1
        table.add_function("fork", forks.address(), want=calls.POSITIVE)
        table.add("fork", "setns", self._namespace, linux.CLONE_NEWPID)
        self._open = table.add("fork", "pidfd_open", _NO_PID, 0, want=pidfd)
        io_vector = table.put(struct.pack("2Q", self._packet, 0))
        self._bytes_at = io_vector + 8
        rights = table.put(struct.pack("Q3i", _CMSG_HEADER_BYTES + 4, _SOL_SOCKET, _SCM_RIGHTS, pidfd))
        message = table.put(struct.pack("7Q", 0, 0, io_vector, 1, rights, _CMSG_BYTES, 0))
        table.add("fork", "sendmsg", control, message, 0)
        for fd in self._fds:
            table.add("fork", "close", fd)

    def run(self, move: tuple[int, ...], file: int) -> dict[str, Any] | None:
        """Moves the zygote's memory, and makes cells until the supervisor closes the channel. In a cell it
        returns SPAWN."""
        self._begin(move, file)
        while ctypes.c_int64.from_address(self._pid_at).value:  # this is the zygote, where a call has failed
            if not self._tell():
                return None
            self._came.value = self._loop()
        kind, payload = self._decode()
        if kind != frames.SPAWN:
            raise frames.FrameError(f"frame {kind} instead of SPAWN")
        forks.begin()
        spawn: dict[str, Any] = json.loads(payload)
        system.expect(spawn["memory_bytes"])
        isolation.resume(spawn, self._fds[:-1], self._entry, self._came.value)
        return spawn

    def _begin(self, move: tuple[int, ...], file: int) -> None:
        """Moves the memory, closes the file, tells the supervisor, and enters the loop. All is in one table, since
        Python would write to what has just moved."""
        table = calls.Calls()
        table.add_function("snapshot", *move, want=0)
        table.add("snapshot", "close", file)
        table.add("snapshot", "write", self._control.fileno(), _LOOPING, len(_LOOPING))
        row = table.add_function("loop", *self._loop.call, want=calls.WHATEVER)
        table.seal()
        table.store(row, ctypes.addressof(self._came))
        table.run(0, row + 1)

    def _decode(self) -> tuple[int, bytes]:
        return frames.decode_packet(ctypes.string_at(self._packet, ctypes.c_int64.from_address(self._bytes_at).value))

    def _tell(self) -> bool:
        """Tells the supervisor which call has failed. Returns whether it is there."""
        number = self._errno.value  # that of fork(), which returns only that it failed
        try:
            self._table.check(self._came.value)
        except calls.Failed as failed:
            if failed.row == self._receive:
                if failed.errno:
                    raise
                return False
            if failed.row >= self._fork:  # unshare(CLONE_NEWPID) fails until children are created here again
                linux.setns(self._namespace, linux.CLONE_NEWPID)
            self._room.value = _CMSG_BYTES
            for fd in self._fds:
                with contextlib.suppress(OSError):
                    os.close(fd)
            error = OSError(number, os.strerror(number)) if failed.row == self._fork else failed
            self._control.send(frames.failed(json.loads(self._decode()[1])["cell"], failed.step, error))
        return True
