"""The example in the repository's examples, as it stands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from server import Server

EXAMPLE = Path(__file__).parents[3] / "examples" / "client.py"


def test_the_example_works(server: Server) -> None:
    env = {**os.environ, "HOTCELL_URL": server.url}
    ran = subprocess.run([sys.executable, str(EXAMPLE)], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["42", "ZeroDivisionError", ",0", "a,4", "b,6", "21"]
