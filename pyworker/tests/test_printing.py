"""Tests of pyworker.printing: cells that print are tested in nsjail/printing_linux_test.go."""

import io
import os

import pytest

from pyworker import printing


def test_without_new_machine_code_a_print_is_a_system_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing._libc, "mprotect", lambda *_: -1)
    with io.FileIO(os.devnull, "w") as raw:
        assert printing.prepare(raw)
    assert tuple(printing.numbers) == (0, 0, 0, 0)
    printing.begin(live=False)
    assert printing.make_log() == []
