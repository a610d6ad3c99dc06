"""The installed package, and the examples of its README."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from importlib import metadata, resources
from pathlib import Path

from server import Server

import hotcell
from hotcell import _answer

README = Path(__file__).parents[1] / "README.md"


def test_what_is_installed_is_typed_and_tells_its_version() -> None:
    assert resources.files("hotcell").joinpath("py.typed").is_file()
    about = metadata.metadata("hotcell-client")
    assert (about["Version"], about["License-Expression"]) == (hotcell.__version__, "MIT")
    assert metadata.requires("hotcell-client") == ["httpx<1,>=0.28"]
    assert all(hasattr(hotcell, name) for name in hotcell.__all__)


def test_tracebacks_name_exceptions_as_users_import_them() -> None:
    kinds = [getattr(hotcell, name) for name in hotcell.__all__]
    raised = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(raised) == 13
    assert {kind.__module__ for kind in raised} == {"hotcell"}
    assert _answer.TimeLimit is hotcell.TimeLimit  # what imported it from there still works
    refused = pickle.loads(pickle.dumps(hotcell.Refused({"status": 503, "code": "saturated"}, 1.0)))
    assert (type(refused), refused.code, refused.retry_after) == (hotcell.Refused, "saturated", 1.0)


def test_the_readmes_examples_run(server: Server, tmp_path: Path) -> None:
    examples = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(examples) == 4
    for example in examples:
        local = "http://127.0.0.1:8080" in example
        script = example.replace("http://127.0.0.1:8080", server.url)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("HOTCELL_")}
        if not local:
            environ["HOTCELL_URL"] = server.url
        done = subprocess.run(
            [sys.executable, "-I", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == ("as it comes\n" if local else "")
