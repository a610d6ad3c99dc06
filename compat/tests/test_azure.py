"""Azure Container Apps' dynamic sessions, with AutoGen's executor and by hand."""

from __future__ import annotations

import asyncio
import io
import json
import os
import uuid
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from autogen_core import CancellationToken
from autogen_core.code_executor import CodeBlock
from autogen_ext.code_executors.azure import ACADynamicSessionsCodeExecutor as Executor
from azure.core.credentials import AccessToken
from langchain_azure_dynamic_sessions import SessionsPythonREPLTool
from server import Server, eventually, serve

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Credential:
    """Gives a key of hotcell's where Azure's token would be."""

    def __init__(self, key: str) -> None:
        self.key = key

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken(self.key or "any", 2**33)


Use = Callable[[Executor, CancellationToken], Coroutine[Any, Any, None]]


def with_autogen(server: Server, use: Use, folder: Path | None = None) -> None:
    async def go() -> None:
        executor = Executor(server.api("azure"), Credential(server.key), work_dir=folder)
        try:
            await use(executor, CancellationToken())
        finally:
            await executor.stop()
            call(server, "DELETE", "session", executor._session_id)

    asyncio.run(go())


def python(code: str) -> list[CodeBlock]:
    return [CodeBlock(code=code, language="python")]


def call(
    server: Server, method: str, path: str, identifier: str, *, key: str | None = None, **more: Any
) -> requests.Response:
    key = server.key if key is None else key
    return requests.request(
        method,
        f"{server.api('azure')}/{path}",
        params={"identifier": identifier, "api-version": "2024-02-02-preview"},
        headers={"Authorization": f"Bearer {key}"} if key else {},
        timeout=120,
        **more,
    )


def run(server: Server, code: str, identifier: str, *, key: str | None = None, **properties: Any) -> requests.Response:
    body = {"codeInputType": "inline", "executionType": "synchronous", "code": code, **properties}
    return call(server, "POST", "code/execute", identifier, key=key, json={"properties": body})


def done(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["properties"])


@pytest.fixture
def identifier(server: Server, keyed: Server) -> Any:
    name = str(uuid.uuid4())
    yield name
    call(server, "DELETE", "session", name)
    call(keyed, "DELETE", "session", name)


def test_autogen_runs_code(keyed: Server) -> None:
    async def use(executor: Executor, token: CancellationToken) -> None:
        result = await executor.execute_code_blocks(python("import sys; print('hello world!')"), token)
        assert (result.exit_code, result.output) == (0, "hello world!\n")
        result = await executor.execute_code_blocks([*python("a = 100 + 100"), *python("print(a)\na + 1")], token)
        assert (result.exit_code, result.output) == (0, "200\n201")
        result = await executor.execute_code_blocks(python("1 / 0"), token)
        assert result.exit_code == 1
        assert "ZeroDivisionError" in result.output
        assert {"numpy", "pandas"} <= (await executor.get_available_packages(token))
        result = await executor.execute_code_blocks(python("!pip install nothing-of-it"), token)
        assert "unavailable" in result.output
        await executor.restart()
        result = await executor.execute_code_blocks(python("print(a)"), token)
        assert "NameError" in result.output

    with_autogen(keyed, use)


def test_autogen_moves_files(server: Server, tmp_path: Path) -> None:
    async def use(executor: Executor, token: CancellationToken) -> None:
        (tmp_path / "té st.txt").write_text("given")
        (tmp_path / "b").write_bytes(os.urandom(3 << 20))
        await executor.upload_files(["té st.txt", "b"], token)
        assert sorted(await executor.get_file_list(token)) == ["b", "té st.txt"]
        code = "print(open('té st.txt').read())\nopen('/mnt/data/c', 'wb').write(open('b', 'rb').read()[::-1]);"
        assert (await executor.execute_code_blocks(python(code), token)).output == "given\n"
        before = (tmp_path / "b").read_bytes()
        (tmp_path / "té st.txt").unlink()
        await executor.download_files(["té st.txt", "c"], token)
        assert (tmp_path / "té st.txt").read_text() == "given"
        assert (tmp_path / "c").read_bytes() == before[::-1]

    with_autogen(server, use, tmp_path)


def test_autogen_gives_up_and_the_session_lives(server: Server) -> None:
    async def use(executor: Executor, token: CancellationToken) -> None:
        await executor.execute_code_blocks(python("x = 1"), token)
        executor._timeout = 1
        late = asyncio.create_task(executor.execute_code_blocks(python("import time; time.sleep(60)"), token))
        with pytest.raises(asyncio.TimeoutError):
            await late
        shown = await asyncio.to_thread(run, server, "x", executor._session_id)
        assert done(shown)["result"] == 1

    with_autogen(server, use)


def test_many_of_autogens_sessions_are_in_flight(server: Server) -> None:
    async def use(executor: Executor, token: CancellationToken) -> None:
        result = await executor.execute_code_blocks(python(f"print('{executor._session_id}')"), token)
        assert result.output == executor._session_id + "\n"

    with ThreadPoolExecutor(14) as pool:
        list(pool.map(lambda _: with_autogen(server, use), range(14)))


def test_langchain_runs_code_and_moves_files(keyed: Server) -> None:
    tool = SessionsPythonREPLTool(
        pool_management_endpoint=keyed.api("azure"), access_token_provider=lambda: keyed.key, session_id="chat 7/é"
    )
    try:
        assert json.loads(tool.invoke("print('hello')\n6 * 7")) == {"result": 42, "stdout": "hello\n", "stderr": ""}
        picture = f"import base64\nfrom IPython.display import Image\nImage(base64.b64decode('{PNG}'))"
        assert json.loads(tool.invoke(picture))["result"] == {"type": "image", "format": "png"}
        assert "ZeroDivisionError" in json.loads(tool.invoke("1 / 0"))["stderr"]
        sent = tool.upload_file(data=io.BytesIO(b"content"), remote_file_path="sub/a b.txt")
        assert (sent.full_path, sent.size_in_bytes) == ("/mnt/data/sub/a b.txt", 7)
        assert [f.filename for f in tool.list_files()] == ["sub/a b.txt"]
        assert tool.download_file(remote_file_path="sub/a b.txt").read() == b"content"
    finally:
        tool._delete_session_sync(tool.session_id)


@pytest.mark.parametrize(
    ("code", "result", "stdout"),
    [
        ("6 * 7", 42, ""),
        ("0.5", 0.5, ""),
        ("'a' + \"b\"", "ab", ""),
        ("print('x')\n[1, 'a']", "[1, 'a']", "x\n"),
        ("None", "", ""),
        ("True", "True", ""),
        ("x = 1", "", ""),
        ("import pandas as pd\npd.DataFrame({'a': [1]})", "   a\n0  1", ""),
        (
            f"import base64\nfrom IPython.display import Image\ndisplay(Image(base64.b64decode('{PNG}')))\n1",
            {"type": "image", "format": "png", "base64_data": PNG},
            "",
        ),
        ("", "", ""),
    ],
)
def test_a_result_is_what_clients_show(server: Server, identifier: str, code: str, result: Any, stdout: str) -> None:
    it = done(run(server, code, identifier))
    assert (it["status"], it["result"], it["stdout"], it["stderr"]) == ("Success", result, stdout, "")


def test_what_goes_wrong_is_a_failure_and_on_stderr(server: Server, identifier: str) -> None:
    for code, words in {
        "raise ValueError('why')": "ValueError: why",
        "(": "SyntaxError",
        "import sys; sys.exit(3)": "exited",
        "import os; os._exit(4)": "exited with status 4",
        "print('x' * 10_000_000)": "output_limit",
    }.items():
        it = done(run(server, code, identifier))
        assert (it["status"], words in it["stderr"]) == ("Failure", True), it


def test_a_session_that_has_ended_is_made_anew(server: Server, identifier: str) -> None:
    assert done(run(server, "x = 1\nx", identifier))["result"] == 1
    assert done(run(server, "import os; os._exit(1)", identifier))["status"] == "Failure"
    assert "NameError" in done(run(server, "x", identifier))["stderr"]
    assert call(server, "DELETE", "session", identifier).status_code == 204
    assert call(server, "GET", "files", identifier).json() == {"value": []}


def test_a_timeout_is_the_requests_own_and_the_session_lives(server: Server, identifier: str) -> None:
    assert done(run(server, "x = 1\nx", identifier, timeoutInSeconds=10**9))["result"] == 1
    it = done(run(server, "while True: pass", identifier, timeoutInSeconds=0.5))
    assert (it["status"], "timeout (wall)" in it["stderr"]) == ("Failure", True)
    assert done(run(server, "x", identifier))["result"] == 1


def test_calls_of_one_session_wait_for_each_other(server: Server, identifier: str) -> None:
    done(run(server, "x = 0", identifier))
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: done(run(server, "x += 1\nx", identifier))["result"], range(8)))
    assert sorted(results) == list(range(1, 9))


def test_a_session_is_its_keys_own(keyed: Server, identifier: str) -> None:
    assert done(run(keyed, "secret = 1\nopen('f', 'w').write('mine')\nsecret", identifier))["result"] == 1
    assert call(keyed, "DELETE", "session", identifier, key=keyed.other).status_code == 404
    assert "NameError" in done(run(keyed, "secret", identifier, key=keyed.other))["stderr"]
    assert call(keyed, "GET", "files", identifier, key=keyed.other).json() == {"value": []}
    assert call(keyed, "GET", "files/content/f", identifier, key=keyed.other).status_code == 404
    assert call(keyed, "DELETE", "session", identifier, key=keyed.other).status_code == 204
    assert done(run(keyed, "secret", identifier))["result"] == 1
    for key in ("", "wrong"):
        refused = run(keyed, "1", identifier, key=key)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("name", ["../x", "a b", "é", "{x}|&^%$#()[];<>", "x" * 256, "%2e%2e", "a\nb"])
def test_an_identifier_has_any_characters(server: Server, name: str) -> None:
    try:
        assert done(run(server, "1", name))["result"] == 1
    finally:
        call(server, "DELETE", "session", name)


@pytest.mark.parametrize("name", ["", "x" * 257])
def test_an_identifier_is_needed(server: Server, name: str) -> None:
    for method, path in (("POST", "code/execute"), ("GET", "files"), ("DELETE", "session")):
        refused = call(server, method, path, name, json={"properties": {"code": "1"}})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_request")


def test_files_are_below_their_folder(server: Server, identifier: str) -> None:
    for name, kept in {"a": "a", "/mnt/data/b": "b", "sub/c d": "sub/c d"}.items():
        sent = call(server, "POST", "files/upload", identifier, files={"file": (name, b"content")})
        assert sent.json() == {"value": [{"properties": {"filename": kept, "size": 7}}]}
        assert call(server, "GET", f"files/content/{kept}", identifier).content == b"content"
    listed = call(server, "GET", "files", identifier).json()["value"]
    assert sorted(f["properties"]["filename"] for f in listed) == ["a", "b", "sub/c d"]


def test_a_body_that_is_wrong_is_refused(server: Server, identifier: str) -> None:
    for body in ("", "[]", "{", '{"properties": {"code": 1}}', '{"properties": []}'):
        assert call(server, "POST", "code/execute", identifier, data=body).status_code == 400, body
    for wrong in ({"codeInputType": "file"}, {"executionType": "asynchronous"}, {"timeoutInSeconds": -1}):
        assert run(server, "1", identifier, **wrong).status_code == 400, wrong
    assert call(server, "POST", "files/upload", identifier, data="x").status_code == 415
    assert call(server, "POST", "files/upload", identifier, files={"file": (None, "x")}).status_code == 400
    assert call(server, "POST", "executions", identifier, json={"shellCommand": "id"}).status_code == 404


def test_a_file_that_does_not_fit_is_refused(identifier: str) -> None:
    with serve("--limits-max-disk", "4MiB", "--limits-default-disk", "4MiB") as small:
        sent = call(small, "POST", "files/upload", identifier, files={"file": ("big", bytes(8 << 20))})
        assert sent.status_code == 507
        assert call(small, "GET", "files", identifier).json() == {"value": []}


def test_identifiers_without_end_have_an_end(server: Server) -> None:
    """The newest wait for places, and get them once others have ended."""
    names = [str(uuid.uuid4()) for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        waiting = [pool.submit(run, server, "1", name) for name in names]
        eventually(lambda: sum(w.done() for w in waiting) >= 8)
        while not all(w.done() for w in waiting):
            for name, w in zip(names, waiting, strict=True):
                if w.done():
                    call(server, "DELETE", "session", name)
    assert [done(w.result())["result"] for w in waiting] == [1] * 16
    for name in names:
        call(server, "DELETE", "session", name)
