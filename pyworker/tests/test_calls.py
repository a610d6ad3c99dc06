"""Tables of system calls, made by machine code and by syscall(2)."""

import ctypes
import errno
import os
from pathlib import Path

import pytest

from pyworker import calls, forks


@pytest.fixture(params=["native", "by syscall(2)"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    calls.prepare()
    if request.param != "native":
        monkeypatch.setattr(calls, "_native", None)
    elif not calls._native:
        pytest.skip("there is no machine code here")


def _table(directory: Path) -> tuple[calls.Calls, int, int]:
    """Returns a table that makes a file, the row that writes it, and how many rows there are."""
    table = calls.Calls()
    home = os.open(directory, os.O_RDONLY)
    free = os.dup(home)
    os.close(free)
    table.add("make it", "openat", home, b"file", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, want=free)
    write = table.add("write it", "write", free, b"12345", 5, want=5)
    table.add("close it", "close", free)
    table.add("close its directory", "close", home)
    return table, write, table.seal()


@pytest.mark.usefixtures("_way")
def test_calls_are_made_in_their_order(tmp_path: Path) -> None:
    table, _, end = _table(tmp_path)
    table.run(0, end)
    assert (tmp_path / "file").read_bytes() == b"12345"


@pytest.mark.usefixtures("_way")
def test_an_error_ends_them_and_names_its_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    table, write, _ = _table(tmp_path)
    with pytest.raises(calls.Failed) as caught:
        table.run(0, write + 1)
    assert (caught.value.row, caught.value.step, caught.value.errno) == (0, "make it", errno.EEXIST)
    assert (tmp_path / "file").read_bytes() == b"old"


@pytest.mark.usefixtures("_way")
def test_another_result_is_an_error_and_one_that_does_not_matter_is_none(tmp_path: Path) -> None:
    table, write, end = _table(tmp_path)
    table.set(write, 2, 3)  # bytes, so that it returns 3 instead of 5
    with pytest.raises(calls.Failed, match="returned another value") as caught:
        table.run(0, end)
    assert (caught.value.row, caught.value.step, caught.value.errno) == (write, "write it", 0)

    table = calls.Calls()
    table.add("close nothing", "close", -1, want=calls.WHATEVER)
    table.run(0, table.seal())


@pytest.mark.usefixtures("_way")
def test_only_the_rows_asked_for_are_made_and_text_can_be_changed(tmp_path: Path) -> None:
    table = calls.Calls()
    table.add("fail", "close", -1)
    descriptor = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT)
    at = table.put(b"", room=16)
    write = table.add("write", "write", descriptor, at, 0, want=0)
    table.add("fail", "close", -1)
    table.seal()
    table.set_text(write, 1, at, b"other")
    table.run(write, write + 1)
    os.close(descriptor)
    assert (tmp_path / "file").read_bytes() == b"other"


def test_what_calls_point_to_has_a_bound() -> None:
    table = calls.Calls()
    with pytest.raises(ValueError, match="16384 bytes"):
        table.put(bytes(1 << 20))


def test_text_stays_in_the_room_that_it_has() -> None:
    table = calls.Calls()
    at = table.put(b"", room=16)
    write = table.add("write", "write", 1, at, 0)
    table.seal()
    with pytest.raises(ValueError, match="17 bytes do not fit into 16"):
        table.set_text(write, 1, at, bytes(17))


@pytest.mark.usefixtures("_way")
def test_a_result_is_stored_and_an_end_of_file_is_none_that_is_wanted(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, b"1234")
    os.close(write)
    table, got = calls.Calls(), ctypes.c_int64(-7)
    room = table.put(bytes(8))
    table.add("read", "read", read, room, 8, want=calls.POSITIVE)
    end = table.seal()
    table.store(0, ctypes.addressof(got))
    table.run(0, end)
    assert got.value == 4
    with pytest.raises(calls.Failed) as failed:
        table.run(0, end)
    assert (failed.value.errno, failed.value.step, got.value) == (0, "read", 0)
    os.close(read)
    with pytest.raises(calls.Failed):
        table.run(0, end)
    assert got.value == -errno.EBADF


def test_a_loop_ends_with_a_call_that_fails_and_a_forked_process_does_something_else() -> None:
    calls.prepare()
    if not calls.can_loop():
        pytest.skip("there is no machine code here")
    (orders, order), (told, tell) = os.pipe(), os.pipe()
    os.write(order, b"123")
    os.close(order)
    table, child, pid = calls.Calls(), calls.Calls(), ctypes.c_int64(-1)
    table.add("read", "read", orders, table.put(bytes(8)), 1, want=calls.POSITIVE)
    fork = table.add_function("fork", forks.address(), want=calls.POSITIVE)
    table.add("write", "write", tell, b"p", 1, want=1)
    table.seal()
    table.store(fork, ctypes.addressof(pid))
    child.add("write", "write", tell, b"c", 1, want=1)
    child.add("fail", "close", 1 << 20)
    child.seal()
    failed = calls.Loop(table, fork, child)()
    if pid.value == 0:
        os._exit(0 if failed == 2 << 16 | errno.EBADF else 1)
    assert failed == 1 << 16
    assert [os.wait()[1] for _ in range(3)] == [0, 0, 0]
    os.close(tell)
    assert sorted(os.read(told, 100)) == sorted(b"pppccc")
    os.close(orders)
    os.close(told)
