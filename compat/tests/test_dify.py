"""Dify and the package dify-sandbox as clients of a hotcell."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import requests
from dify_sandbox import AsyncDifySandboxClient, DifySandboxClient
from server import Server

HTTP = httpx.Client(timeout=120)


@pytest.fixture(params=["server", "keyed"])
def dify(request: pytest.FixtureRequest) -> Server:
    """A server, without keys and with them."""
    server: Server = request.getfixturevalue(request.param)
    return server


WRAPPED = """
%s

import json
from base64 import b64decode

given = json.loads(b64decode("%s").decode())
returned = %s
print(f"<<RESULT>>{returned}<<RESULT>>")
"""


def as_dify(server: Server, code: str, inputs: dict[str, Any], template: bool = False) -> str:
    """Runs a code node or a template node as Dify does: what it sends, and what it checks."""
    call = "main(**given)" if template else "json.dumps(main(**given), indent=4)"
    encoded = base64.b64encode(json.dumps(inputs, ensure_ascii=False).encode()).decode()
    body = {"language": "python3", "code": WRAPPED % (code, encoded, call), "preload": "", "enable_network": True}
    answer = HTTP.post(f"{server.api('dify')}/v1/sandbox/run", json=body, headers={"X-Api-Key": server.key})
    assert answer.status_code == 200
    told = answer.json()
    if told["code"] != 0:
        raise RuntimeError(told["message"])
    if told["data"]["error"]:
        raise RuntimeError(told["data"]["error"])
    found = re.search("<<RESULT>>(.*)<<RESULT>>", told["data"]["stdout"], re.DOTALL)
    assert found
    return found[1]


def test_a_code_node_gets_its_inputs_and_returns_an_object(dify: Server) -> None:
    code = "def main(a, b):\n    print('by the way')\n    return {'sum': a + b, 'text': 'ü<>' + chr(0x1F600)}"
    assert json.loads(as_dify(dify, code, {"a": 1, "b": 2})) == {"sum": 3, "text": "ü<>\U0001f600"}


def test_a_template_node_renders(dify: Server) -> None:
    code = """
import jinja2

def main(**inputs):
    return jinja2.Template('''{% for n in names %}Hi {{ n }}!\\n{% endfor %}''').render(**inputs)
"""
    assert as_dify(dify, code, {"names": ["Ann", "Bob"]}, template=True) == "Hi Ann!\nHi Bob!\n"


def test_what_a_node_logs_is_no_error(dify: Server) -> None:
    code = "import logging\n\ndef main():\n    logging.warning('careful')\n    return {}"
    assert as_dify(dify, code, {}) == "{}"


def test_the_user_is_shown_why_a_node_failed(dify: Server) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)process exited with code 1\n.*ZeroDivisionError: division by zero"):
        as_dify(dify, "def main():\n    return 1 / 0", {})
    with pytest.raises(RuntimeError, match=r"(?s)process exited with code 1\n.*SyntaxError"):
        as_dify(dify, "def main(:", {})


@pytest.fixture
def client(dify: Server) -> DifySandboxClient:
    return DifySandboxClient(base_url=dify.api("dify"), api_key=dify.key, timeout=120)


def test_the_package_runs_python(client: DifySandboxClient) -> None:
    ran = client.run_python("import sys; print('out'); print('err', file=sys.stderr)", preload="x", enable_network=True)
    assert (ran.stdout, ran.stderr, ran.error, ran.exit_code, ran.is_success) == ("out\n", "err\n", "", 0, True)
    ran = client.run_python("import sys; sys.exit(3)")
    assert (ran.exit_code, ran.error, ran.is_success) == (3, "process exited with code 3\n", False)


def test_the_package_is_told_of_limits(hasty: Server) -> None:
    client = DifySandboxClient(base_url=hasty.api("dify"), timeout=120)
    ran = client.run_python("while True: pass")
    assert (ran.exit_code, ran.error) == (-1, "process exited with code -1\nerror: timeout\n")


def test_the_package_is_refused_other_languages(client: DifySandboxClient) -> None:
    with pytest.raises(Exception, match="API error: unsupported language"):
        client.run_nodejs("console.log(1)")


def test_the_package_asks_about_packages(client: DifySandboxClient) -> None:
    assert client.health_check()
    names = {package["name"] for package in client.get_dependencies().dependencies}
    assert {"numpy", "pandas"} <= names
    assert "jinja2" in {name.lower() for name in names}
    assert client.update_dependencies().is_success
    assert client.refresh_dependencies().is_success


def test_what_dify_sandbox_does_not_have_either_is_not_found(client: DifySandboxClient) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: client.upload_file(io.BytesIO(b"x"), "x"),
        lambda: client.download_file("x"),
        lambda: client.delete_file("x"),
        lambda: client.run_command("ls"),
    ]
    for call in calls:
        with pytest.raises(requests.HTTPError, match="404"):
            call()


def test_the_package_works_async_with_64_in_flight(dify: Server) -> None:
    async def run() -> list[str]:
        async with AsyncDifySandboxClient(base_url=dify.api("dify"), api_key=dify.key, timeout=120) as client:
            assert await client.ahealth_check()
            assert (await client.aget_dependencies()).dependencies
            return [ran.stdout for ran in await asyncio.gather(*(client.arun_python(f"print({n})") for n in range(64)))]

    assert asyncio.run(run()) == [f"{n}\n" for n in range(64)]


def test_dify_has_64_nodes_in_flight(dify: Server) -> None:
    with ThreadPoolExecutor(64) as threads:
        answers = threads.map(lambda n: as_dify(dify, "def main(n):\n    return n", {"n": n}), range(64))
        assert list(answers) == [str(n) for n in range(64)]


def test_a_wrong_key_is_unauthorized(keyed: Server) -> None:
    answer = HTTP.post(f"{keyed.api('dify')}/v1/sandbox/run", json={}, headers={"X-Api-Key": "wrong"})
    assert (answer.status_code, answer.content) == (401, b"")
