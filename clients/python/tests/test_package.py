"""The installed package, and the examples of its README."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import metadata, resources
from pathlib import Path

from server import Server

import hotcell

README = Path(__file__).parents[1] / "README.md"


def test_what_is_installed_is_typed_and_tells_its_version() -> None:
    assert resources.files("hotcell").joinpath("py.typed").is_file()
    about = metadata.metadata("hotcell-client")
    assert (about["Version"], about["License-Expression"]) == (hotcell.__version__, "MIT")
    assert metadata.requires("hotcell-client") == ["httpx<1,>=0.28"]
    assert all(hasattr(hotcell, name) for name in hotcell.__all__)


def test_the_readmes_examples_run(server: Server, tmp_path: Path) -> None:
    examples = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        assert "http://127.0.0.1:8080" in example
        script = example.replace("http://127.0.0.1:8080", server.url)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("HOTCELL_")}
        done = subprocess.run(
            [sys.executable, "-I", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "as it comes\n"
