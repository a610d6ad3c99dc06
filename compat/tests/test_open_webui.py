"""Open WebUI's code execution, by Jupyter: its one file, without the rest of it."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
from server import ROOT, Server

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="module")
def open_webui() -> ModuleType:
    """The file that tools/compat/take has taken out of the package, on stubs of what it imports."""
    path = Path(ROOT) / "build/compat/open_webui/code_interpreter.py"
    for name in ("open_webui", "open_webui.env", "open_webui.utils", "open_webui.utils.json_codec"):
        sys.modules.setdefault(name, ModuleType(name))
    vars(sys.modules["open_webui.env"])["AIOHTTP_CLIENT_ALLOW_REDIRECTS"] = False
    vars(sys.modules["open_webui.utils.json_codec"])["JSONCodec"] = json
    spec = importlib.util.spec_from_file_location("open_webui.utils.code_interpreter", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def run(open_webui: ModuleType, server: Server, code: str, *, key: str = "", timeout: int = 60) -> dict[str, Any]:
    return dict(await open_webui.execute_code_jupyter(server.api("jupyter"), code, key, "", timeout))


def kernels(server: Server) -> list[Any]:
    headers = {"Authorization": f"token {server.key}"}
    return list(requests.get(server.api("jupyter") + "/api/kernels", headers=headers, timeout=60).json())


@pytest.mark.parametrize(
    ("code", "want"),
    [
        ("print('a')\n1 + 1", {"stdout": "a", "stderr": "", "result": "2"}),
        ("import sys\nprint('e', file=sys.stderr)", {"stdout": "", "stderr": "e", "result": ""}),
        ("import pandas as pd\npd.DataFrame({'a': [1]})", {"stdout": "", "stderr": "", "result": "a\n0  1"}),
        (
            f"import base64\nfrom IPython.display import Image\nImage(base64.b64decode('{PNG}'))",
            {"stdout": "", "stderr": "", "result": f"data:image/png;base64,{PNG}"},
        ),
        ("display(1)\ndisplay(2)\n3", {"stdout": "", "stderr": "", "result": "1\n2\n3"}),
    ],
)
def test_open_webui_shows_what_code_shows(open_webui: ModuleType, keyed: Server, code: str, want: Any) -> None:
    assert asyncio.run(run(open_webui, keyed, code, key=keyed.key)) == want
    assert kernels(keyed) == []


def test_open_webui_shows_an_error(open_webui: ModuleType, server: Server) -> None:
    shown = asyncio.run(run(open_webui, server, "print('before')\n1 / 0"))
    assert shown["stdout"] == "before"
    assert shown["stderr"].endswith("ZeroDivisionError: division by zero")


def test_open_webui_gives_up_and_leaves_no_kernel(open_webui: ModuleType, server: Server) -> None:
    shown = asyncio.run(run(open_webui, server, "import time; time.sleep(60)", timeout=1))
    assert shown["stderr"] == "Execution timed out."
    assert kernels(server) == []


def test_open_webui_says_that_its_token_is_wrong(open_webui: ModuleType, keyed: Server) -> None:
    assert "401" in asyncio.run(run(open_webui, keyed, "1", key="wrong"))["stderr"]


def test_open_webui_has_64_chats_in_flight(open_webui: ModuleType, server: Server) -> None:
    async def all_of_them() -> list[dict[str, Any]]:
        return list(await asyncio.gather(*(run(open_webui, server, f"print({i})\n{i} * 2") for i in range(64))))

    want = [{"stdout": str(i), "stderr": "", "result": str(2 * i)} for i in range(64)]
    assert asyncio.run(all_of_them()) == want
    assert kernels(server) == []
