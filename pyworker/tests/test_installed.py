"""Which packages an environment has, and which of them were asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pyworker import installed

PACKAGES = {
    "pandas": ["numpy>=1.26.0; python_version < '3.12'", "python-dateutil>=2", "pytest; extra == 'test'"],
    "numpy": [],
    "python_dateutil": ["six>=1.5"],
    "six": [],
    "Flask": ["Jinja2 (>=3)", "flask[async]"],
    "Jinja2": ["MarkupSafe"],
    "MarkupSafe": [],
    "pytest": [],
}


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, needs in PACKAGES.items():
        about = tmp_path / f"{name}-1.0.dist-info"
        about.mkdir()
        lines = [
            "Metadata-Version: 2.1",
            f"Name: {name}",
            "Version: 1.0",
            *(f"Requires-Dist: {need}" for need in needs),
        ]
        (about / "METADATA").write_text("\n".join(lines) + "\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    return tmp_path


def test_what_nothing_needs_was_asked_for(environment: Path) -> None:
    versions, asked = installed.packages()
    assert versions == dict.fromkeys(PACKAGES, "1.0")
    assert asked == ["Flask", "pandas", "pytest"]  # an extra is no need, and a package does not need itself


def test_what_is_preloaded_was_asked_for(environment: Path) -> None:
    assert installed.packages(["numpy", "pandas", "os"])[1] == ["Flask", "numpy", "pandas", "pytest"]


def test_the_rest_of_a_removed_package_is_none(environment: Path) -> None:
    (environment / "~umpy-1.0.dist-info").mkdir()
    assert installed.packages()[0] == dict.fromkeys(PACKAGES, "1.0")


def test_what_a_lock_was_made_for_was_asked_for() -> None:
    listed = subprocess.run(
        ["tools/requested", "profiles/notebook/requirements.lock"], check=True, capture_output=True, text=True
    ).stdout.split()
    assert {"numpy", "matplotlib", "scipy", "noto-cjk-sans-jp-regular"} < set(listed)
    assert not {"six", "kiwisolver", "python-dateutil"} & set(listed)


def test_the_list_of_hotcell_profile_add_counts(environment: Path) -> None:
    (environment / "hotcell-packages.txt").write_text("# bare\nSix==1.16 ; python_version > '3'\npython.dateutil[x]\n")
    assert installed.packages(["numpy"])[1] == ["python_dateutil", "six"]
