"""The first steps of a cell's isolation, in children with a real channel."""

import errno
import fcntl
import os
import socket
import struct
from collections.abc import Callable

import pytest

from pyworker import calls, isolation, system

Table = isolation._Table
_HIGH = 20  # descriptors from here on are neither those of a cell nor its standard streams


def _in_a_child(go: int, then: Callable[[Table], object], change: Callable[[Table], object]) -> str:
    """Sends GO with that many descriptors to a child, and returns what then returns or raises there."""
    system.expect(1 << 20)
    near, far = socket.socketpair()
    child = os.fork()
    if child == 0:
        try:
            channel = fcntl.fcntl(far.fileno(), fcntl.F_DUPFD_CLOEXEC, _HIGH)
            table = Table(1 << 20, has_ruleset=False)
            table.fill({"uid": 1000}, [channel])
            change(table)
            try:
                table.read_go()
                answer = repr(then(table))
            except Exception as error:
                answer = repr(error)
            os.write(isolation._CHANNEL, answer.encode())
        finally:
            os._exit(0)
    far.close()
    with near:
        socket.send_fds(near, [isolation._GO], [0] * go)
        near.settimeout(30)
        answer = near.recv(1000).decode()
    os.waitpid(child, 0)
    return answer


def _count(table: Table) -> int:
    return table.count_cgroups()


@pytest.mark.parametrize("count", [0, 1, isolation._MOST_CGROUPS])
def test_descriptors_of_cgroups_are_counted(count: int) -> None:
    assert _in_a_child(count, _count, lambda table: None) == str(count)


def test_descriptors_with_other_numbers_are_refused() -> None:
    # Standard input is closed, so that the first descriptor is 0.
    assert "descriptors [0, 4] came with GO, not from 4 on" in _in_a_child(2, _count, lambda table: os.close(0))


def test_more_descriptors_than_there_is_room_for_are_refused() -> None:
    assert "not all descriptors" in _in_a_child(isolation._MOST_CGROUPS + 1, _count, lambda table: None)


@pytest.mark.parametrize("way", ["as it is", "refused"])
def test_other_descriptors_are_closed_whatever_close_range_says(way: str) -> None:
    def change(table: Table) -> None:
        if way == "refused":
            table.set(table.close, 2, 1 << 20)  # flags that no kernel has: EINVAL
        os.dup2(0, _HIGH + 10)

    def look(table: Table) -> str:
        try:
            os.fstat(_HIGH + 10)
        except OSError as error:
            return errno.errorcode[error.errno or 0]
        return "open"

    assert _in_a_child(0, look, change) == "'EBADF'"


@pytest.mark.parametrize(("number", "want"), [(errno.EPERM, "goes on"), (errno.ENOSYS, "setgroups"), (0, "setgroups")])
def test_setgroups_fails_for_no_other_reason_than_that_nobody_may(
    number: int, want: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.expect(1 << 20)
    table = Table(1 << 20, has_ruleset=False)
    made = []

    def run(first: int, end: int) -> None:
        made.append((first, end))
        if len(made) == 1:
            raise calls.Failed(table.groups, "setgroups", number)

    monkeypatch.setattr(table, "run", run)
    if want == "goes on":
        table.isolate()
        assert made == [(table.isolation, table.end), (table.groups + 1, table.end)]
    else:
        with pytest.raises(calls.Failed):
            table.isolate()


def test_a_filter_that_a_thread_cannot_have_is_an_error() -> None:
    system.expect(1 << 20)
    table = Table(1 << 20, has_ruleset=False)
    *_, want = struct.unpack(f"{calls._ROW}q", bytes(table._rows)[(table.end - 1) * calls._ROW * 8 :])
    assert want == 0  # else it is that thread's number
