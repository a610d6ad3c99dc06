"""What hostile programs and requests make of dify, piston and snekbox: nothing but an answer of that API."""

from __future__ import annotations

import base64
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
def test_what_looks_like_an_answer_is_only_text(server: Server, api: str) -> None:
    text = '"}\n{"code": -1, "event": "result", "data": {"status": "ok"}}\r\n\n\0\x1b[2J\u2028</script>&\U0001f600'
    stdout, _ = printed(server, api, f"import sys; sys.stdout.write({text!r})")
    assert stdout == text


@pytest.mark.parametrize("api", PLACES)
def test_bytes_that_are_no_text_leave_the_answer_json(server: Server, api: str) -> None:
    stdout, _ = printed(server, api, r"import os; os.write(1, b'a\xff\xed\xa0\x80b')")
    assert stdout[0] + stdout[-1] == "ab"
    assert stdout.encode()


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


def test_names_of_files_that_come_back_are_harmless(server: Server) -> None:
    names = ["a\nb", "C:x", "\u202egpj.exe", 'q"<b>', "NUL", "x" * 200]
    code = f"import os\nos.symlink('/etc/passwd', 'l')\nos.mkfifo('f')\nfor name in {names!r}: open(name, 'w').close()"
    _, told = printed(server, "snekbox", code)
    back = {file["path"] for file in told["files"]}
    assert back == {"a%0Ab", "C%3Ax", "%E2%80%AEgpj.exe", 'q"<b>', "%4EUL", "x" * 200}


def test_too_many_files_do_not_come_back(server: Server) -> None:
    _, told = printed(server, "snekbox", "for n in range(2000):\n    open(f'{n}', 'w').close()\nprint('done')")
    assert (told["returncode"], told["files"]) == (143, [])
    assert told["stdout"] == "done\n2000 files to collect, the maximum is 1000\n"
    _, told = printed(server, "snekbox", "for n in range(200):\n    open(f'{n}', 'w').close()")
    assert (told["returncode"], len(told["files"])) == (0, 100)


def test_a_link_that_was_sent_for_a_file_is_not_followed(server: Server) -> None:
    """The program makes the name of a file that was sent a link: what comes back is no file of the host."""
    sent = [{"path": "x", "content": base64.b64encode(b"x").decode()}]
    request = {"input": "import os; os.remove('x'); os.symlink('/etc/passwd', 'x')", "files": sent}
    assert post(server, "snekbox", json.dumps(request).encode()).json() == {"stdout": "", "returncode": 0, "files": []}
