"""The zygote, with real children and a real channel."""

import os
import signal
import socket
from collections.abc import Iterator

import pytest

from pyworker import frames, zygote


@pytest.fixture
def pair() -> Iterator[tuple[zygote.Zygote, socket.socket]]:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made = zygote.Zygote(near)
    before = signal.signal(signal.SIGCHLD, made.reap)
    yield made, far
    signal.signal(signal.SIGCHLD, before)
    os.close(made.own_pid_namespace)
    near.close()
    far.close()


def test_a_child_that_ends_while_another_is_reaped_is_told_once(
    pair: tuple[zygote.Zygote, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, supervisor = pair
    wait = os.waitpid

    def interrupted(pid: int, options: int) -> tuple[int, int]:
        ended = wait(pid, options)
        monkeypatch.setattr(os, "waitpid", wait)
        signal.raise_signal(signal.SIGCHLD)  # its handler runs here, within the handler
        return ended

    monkeypatch.setattr(os, "waitpid", interrupted)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    child = os.fork()
    if child == 0:
        os._exit(3)
    made.cells[child] = 7
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    supervisor.settimeout(60)
    kind, payload = frames.decode_packet(supervisor.recv(frames.MAX_CONTROL_BYTES))
    assert kind == frames.EXITED
    assert b'"cell":7' in payload
    assert not made.cells
