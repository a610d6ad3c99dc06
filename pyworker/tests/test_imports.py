"""Libraries' modules that are changed once they are loaded."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from pyworker import imports


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "library_of_tests.py").write_text("said = 'its own'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = list(sys.meta_path)
    yield "library_of_tests"
    imports.leave(["library_of_tests"])
    sys.meta_path[:] = before
    sys.modules.pop("library_of_tests", None)


def change(module: Any) -> None:
    module.said += ", changed"


def test_a_module_is_changed_when_it_is_imported(library: str) -> None:
    imports.change({library: change})
    module: Any = importlib.import_module(library)
    assert module.said == "its own, changed"
    assert importlib.reload(module).said == "its own, changed"
    assert "exec_module" not in vars(module.__spec__.loader)


def test_a_module_that_is_loaded_is_changed_at_once(library: str) -> None:
    module: Any = importlib.import_module(library)
    imports.change({library: change})
    assert module.said == "its own, changed"


def test_a_module_that_is_left_is_not_changed(library: str) -> None:
    imports.change({library: change})
    imports.leave([library])
    assert importlib.import_module(library).said == "its own"


def test_there_is_one_finder_however_often_it_is_asked_for(library: str) -> None:
    imports.change({library: change})
    many = len(sys.meta_path)
    imports.change({})
    assert len(sys.meta_path) == many
