"""What hostile programs and requests make of dify, piston and snekbox: nothing but an answer of that API."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from server import Server

HTTP = httpx.Client(timeout=120)
PLACES = {"dify": "/v1/sandbox/run", "piston": "/api/v2/execute", "snekbox": "/eval"}


def body(api: str, code: str) -> dict[str, Any]:
    bodies: dict[str, dict[str, Any]] = {
        "dify": {"language": "python3", "code": code},
        "piston": {"language": "python", "version": "*", "files": [{"content": code}]},
        "snekbox": {"input": code},
    }
    return bodies[api]


def post(server: Server, api: str, content: bytes) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    return HTTP.post(server.api(api) + PLACES[api], content=content, headers=headers)


def printed(server: Server, api: str, code: str) -> tuple[str, Any]:
    """Runs a program. Returns what it printed, and the whole answer."""
    answer = post(server, api, json.dumps(body(api, code)).encode())
    assert answer.status_code == 200, answer.text
    told = answer.json()
    inner = {"dify": "data", "piston": "run"}.get(api)
    return (told[inner] if inner else told)["stdout"], told


@pytest.mark.parametrize("api", PLACES)
def test_a_program_that_breaks_its_own_interpreter_ends_alone(server: Server, api: str) -> None:
    for code in (
        "import os; os.close(1); os.close(2)",
        "import sys; del sys.__excepthook__, sys.stdout; raise ValueError",
        "import sys; sys.modules.clear(); 1 / 0",
        "import ctypes; ctypes.string_at(0)",
        "import os; os._exit(0)",
        "raise SystemExit({})",
        "import gc, sys\nfor o in gc.get_objects():\n    if isinstance(o, dict): o.clear()",
    ):
        printed(server, api, code)
        assert printed(server, api, "print('next')")[0] == "next\n"


@pytest.mark.parametrize("api", PLACES)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff\xfe{}",
        b"{}{}",
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"files":[' + b"{}," * 500_000 + b"{}]}",
        b'{"args":[' + b'"",' * 500_000 + b'""]}',
        b'{"language":"python3","code":"print(1)","code":7}',
        b'{"files":[{"path":"a","content":"' + b"A" * (9 << 20) + b'"}]}',
    ],
    ids=range(12),
)
def test_a_body_that_is_none_is_refused(server: Server, api: str, content: bytes) -> None:
    answer = post(server, api, content)
    if api == "dify":
        assert answer.status_code == 200
        assert answer.json()["code"] == -400
        assert answer.json()["message"]
    else:
        assert answer.status_code in (400, 413)
        assert {"piston": ["message"], "snekbox": ["description", "title"]}[api] == sorted(answer.json())


def test_too_many_files_do_not_come_back(server: Server) -> None:
    _, told = printed(server, "snekbox", "for n in range(2000):\n    open(f'{n}', 'w').close()\nprint('done')")
    assert (told["returncode"], told["files"]) == (143, [])
    assert told["stdout"] == "done\n2000 files to collect, the maximum is 1000\n"
    _, told = printed(server, "snekbox", "for n in range(200):\n    open(f'{n}', 'w').close()")
    assert (told["returncode"], len(told["files"])) == (0, 100)
