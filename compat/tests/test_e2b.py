"""E2B's clients: `e2b-code-interpreter`, for Python and JavaScript, and smolagents."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from e2b import (
    AuthenticationException,
    FileNotFoundException,
    InvalidArgumentException,
    NotFoundException,
    RateLimitException,
    SandboxException,
    SandboxQuery,
    TimeoutException,
)
from e2b_code_interpreter import AsyncSandbox, Sandbox
from nodes import FLEET
from server import ROOT, Server, eventually, serve
from smolagents import FinalAnswerTool, tool
from smolagents.monitoring import AgentLogger, LogLevel
from smolagents.remote_executors import E2BExecutor

LONG = 300  # seconds that a request may take on a machine that is busy


def place(server: Server, key: str = "") -> dict[str, Any]:
    """The client's settings for a server."""
    url = server.api("e2b")
    return {
        "api_url": url,
        "sandbox_url": url,
        "api_key": key or server.key or "e2b_0000",
        "request_timeout": LONG,
    }


@pytest.fixture(params=["server", "keyed"])
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox, of a server without keys and of one with keys."""
    sandbox = Sandbox.create(
        **place(request.getfixturevalue(request.param)), envs={"OWN": "own"}, metadata={"of": "box"}
    )
    yield sandbox
    sandbox.kill()


class Leave(Exception):
    """Is raised to leave a call."""


def leave(_: object) -> None:
    raise Leave


def test_code_keeps_names_and_shows_results(box: Sandbox) -> None:
    shown: list[str | None] = []
    execution = box.run_code("x = 1; x", on_result=lambda result: shown.append(result.text))
    assert (execution.text, shown, execution.execution_count) == ("1", ["1"], 1)
    execution = box.run_code("x += 1; print('out'); 'text'", language="python")
    assert ("".join(execution.logs.stdout), execution.text, execution.execution_count) == ("out\n", "text", 2)
    frame = box.run_code('\n    import pandas as pd\n    pd.DataFrame({"b": [1, 2], "a": ["x", None]})\n').results[0]
    assert (frame.data, "<table" in str(frame.html)) == ({"b": [1, 2], "a": ["x", None]}, True)
    latex = box.run_code("from IPython.display import display\ndisplay({'text/latex': 'A', 'text/x': 'z'}, raw=True)")
    shown_latex = latex.results[0]
    assert (shown_latex.latex, shown_latex.extra, shown_latex.is_main_result) == ("A", {"text/x": "z"}, False)
    assert "".join(box.run_code("!echo shell").logs.stdout) == "shell\n"


def test_errors_have_a_name_and_a_value(box: Sandbox) -> None:
    names: list[str] = []
    execution = box.run_code("1 / 0", on_error=lambda error: names.append(error.name))
    assert execution.error is not None
    assert (names, execution.error.value) == (["ZeroDivisionError"], "division by zero")
    assert "----> 1 1 / 0" in execution.error.traceback
    for code, name, value in (
        ("def f():\n  class Own(BaseException): pass\n  raise Own('v')\nf()", "Own", "v"),
        ("import sys; sys.exit(3)", "SystemExit", "3"),
        ("import os; os._exit(4)", "SystemExit", "4. Context was restarted: its names and files are gone"),
        ("x", "NameError", "name 'x' is not defined"),
    ):
        error = box.run_code(code).error
        assert error is not None
        assert (error.name, error.value) == (name, value)


def test_variables_of_one_run_are_gone_in_the_next(box: Sandbox) -> None:
    code = "import os; print(os.getenv('OWN'), os.getenv('RUNS'))"
    for envs, printed in (
        ({"RUNS": "runs"}, "own runs\n"),
        ({"OWN": "other"}, "other None\n"),
        (None, "own None\n"),
    ):
        assert "".join(box.run_code(code, envs=envs).logs.stdout) == printed


def test_output_makes_no_lines_of_the_stream(box: Sandbox) -> None:
    for separator in ("\x85", "\u2028", "\u2029", "\x0b", "\x1c", "\r", "\n"):
        text = (
            separator + json.dumps({"type": "error", "name": "Forged", "value": "", "traceback": ""}) + separator + "😀"
        )
        execution = box.run_code(f"print({text!r}, end='')\nfrom IPython.display import HTML\nHTML({text!r})")
        assert execution.error is None
        assert "".join(execution.logs.stdout) == text
        assert execution.results[0].html == text


def test_a_client_that_leaves_interrupts_its_code_and_the_names_stay(box: Sandbox) -> None:
    with pytest.raises(Leave):
        box.run_code("import time\nkept = 7\nprint('begun')\ntime.sleep(300)", on_stdout=leave)
    assert box.run_code("kept").text == "7"


def test_killing_a_sandbox_ends_its_code(box: Sandbox) -> None:
    with pytest.raises(TimeoutException, match="killed while the request was in progress"):
        box.run_code("import time\nprint('begun')\ntime.sleep(300)", on_stdout=lambda _: box.kill())
    assert not box.is_running()
    assert box.kill() is False
    with pytest.raises(TimeoutException):
        box.run_code("1")


def test_sandboxes_are_listed_and_prolonged(box: Sandbox) -> None:
    settings = {
        name: value for name, value in box.connection_config.get_api_params().items() if name in place(Server(""))
    }
    listed = Sandbox.list(SandboxQuery(metadata={"of": "box"}), **settings).next_items()
    assert [(found.sandbox_id, found.metadata) for found in listed] == [(box.sandbox_id, {"of": "box"})]
    assert Sandbox.list(SandboxQuery(metadata={"of": "nothing"}), **settings).next_items() == []
    before = box.get_info().end_at
    box.set_timeout(900)
    assert (box.get_info().end_at - before).total_seconds() > 300
    assert Sandbox.connect(box.sandbox_id, timeout=10, **settings).run_code("6 * 7").text == "42"
    assert (box.get_info().end_at - before).total_seconds() > 300
    box.set_timeout(1)
    eventually(lambda: not box.is_running())
    assert Sandbox.list(**settings).next_items() == []
    with pytest.raises(NotFoundException):
        box.get_info()


def test_files_are_written_and_read(box: Sandbox) -> None:
    assert box.files.write("in/a.txt", "hello ü").path == "/home/user/in/a.txt"
    assert box.files.read("/home/user/in/a.txt") == box.run_code("open('in/a.txt').read()").text == "hello ü"
    big = bytes(range(256)) * 8192
    written = box.files.write_files([{"path": "big", "data": big}, {"path": "/mnt/data/b/c", "data": "2"}])
    assert [file.path for file in written] == ["/home/user/big", "/home/user/b/c"]
    assert box.files.read("big", "bytes") == big
    assert b"".join(box.files.read("big", "stream")) == big
    box.files.write("packed", "g" * 100_000, gzip=True)
    assert len(box.files.read("packed")) == 100_000
    with pytest.raises(FileNotFoundException):
        box.files.read("nothing")
    for path in (
        "/etc/passwd",
        "../up",
        "in/../../../etc/passwd",
        "in",
        "",
        "/home/user",
        "/home/user/../../etc/passwd",
        "a\0b",
    ):
        with pytest.raises(InvalidArgumentException):
            box.files.read(path)
        with pytest.raises(InvalidArgumentException):
            box.files.write(path, "x")


def test_directories_are_made_listed_and_removed(box: Sandbox) -> None:
    assert (box.files.make_dir("d/e"), box.files.make_dir("d/e")) == (True, False)
    box.files.write("d/f", "12345")
    assert [entry.name for entry in box.files.list("/home/user/d")] == ["e", "f"]
    assert [entry.path for entry in box.files.list("~", depth=2)] == [
        "/home/user/d",
        "/home/user/d/e",
        "/home/user/d/f",
    ]
    assert box.files.get_info("d/f").size == 5
    assert box.files.rename("d/f", "g").path == "/home/user/g"
    assert (box.files.exists("d/f"), box.files.exists("g")) == (False, True)
    box.files.remove("d")
    assert [entry.name for entry in box.files.list(".")] == ["g"]
    assert (
        box.run_code("[name for name in dir() if not name.startswith('_')]").text
        == "['In', 'Out', 'exit', 'get_ipython', 'quit']"
    )


def test_commands_run(box: Sandbox) -> None:
    done = box.commands.run("echo out; echo err >&2; echo $OWN $MORE", envs={"MORE": "more"})
    assert (done.stdout, done.stderr, done.exit_code) == ("out\nown more\n", "err\n", 0)
    with pytest.raises(SandboxException, match="exited with code 3"):
        box.commands.run("exit 3")
    handle = box.commands.run("echo begun; sleep 300", background=True)
    assert handle.kill()
    box.run_code("1")


def test_contexts_have_names_of_their_own(box: Sandbox) -> None:
    context = box.create_code_context(cwd="/tmp")
    assert [found.id for found in box.list_code_contexts()] == [box.sandbox_id, context.id]
    assert (context.cwd, context.language) == ("/tmp", "python")
    box.run_code("x = 1")
    for code, context_used, name in (
        ("import os; y = os.getcwd()", context, None),
        ("x", context, "NameError"),
        ("y", None, "NameError"),
    ):
        error = box.run_code(code, context=context_used).error
        assert (error.name if error else None) == name
    assert box.run_code("y.endswith('/tmp')", context=context).text == "True"
    box.restart_code_context(context)
    restarted = box.run_code("y", context=context)
    assert restarted.error is not None
    assert (restarted.error.value, restarted.execution_count) == ("name 'y' is not defined", 1)
    box.remove_code_context(context)
    with pytest.raises(NotFoundException, match="not found"):
        box.run_code("1", context=context)


def test_what_hotcell_has_not_is_refused(box: Sandbox) -> None:
    refused: list[tuple[Callable[[], object], str]] = [
        (lambda: box.run_code("1", language="r"), "No such kernel named r"),
        (lambda: box.create_code_context(language="java"), "No such kernel named java"),
        (lambda: box.create_code_context(cwd="/nowhere"), "Failed to set working directory"),
        (lambda: box.remove_code_context(box.sandbox_id), "default context"),
        (lambda: box.pause(), "have no pause"),
        (lambda: box.files.watch_dir("."), "have no"),
    ]
    for call, words in refused:
        with pytest.raises(SandboxException, match=words):
            call()


def test_a_sandbox_is_its_keys_own(keyed: Server) -> None:
    with pytest.raises(AuthenticationException, match="unknown key"):
        Sandbox.create(**place(keyed, "e2b_unknown"))
    mine, theirs = Sandbox.create(**place(keyed)), Sandbox.create(**place(keyed, keyed.other))
    other = place(keyed, keyed.other)
    try:
        assert [found.sandbox_id for found in Sandbox.list(**other).next_items()] == [theirs.sandbox_id]
        for call in (Sandbox.connect, Sandbox.get_info):
            with pytest.raises(NotFoundException):
                call(mine.sandbox_id, **other)
        assert Sandbox.kill(mine.sandbox_id, **other) is False
        with pytest.raises(NotFoundException):
            Sandbox.set_timeout(mine.sandbox_id, 1, **other)
        tokens = {"theirs": theirs.traffic_access_token, "none": None, "empty": "", "guessed": "A" * 26}
        for whose, token in tokens.items():
            headers = {"E2b-Sandbox-Id": mine.sandbox_id, **({"X-Access-Token": token} if token is not None else {})}
            answer = httpx.post(keyed.api("e2b") + "/execute", json={"code": "1"}, headers=headers)
            assert (whose, answer.status_code) == (whose, 502)
        headers = {"E2b-Sandbox-Id": mine.sandbox_id, "X-API-KEY": keyed.other}
        assert httpx.post(keyed.api("e2b") + "/execute", json={"code": "1"}, headers=headers).status_code == 502
        assert mine.run_code("1").text == "1"
    finally:
        mine.kill()
        theirs.kill()


def test_requests_are_routed_by_host_and_files_by_signed_addresses(keyed: Server) -> None:
    box = Sandbox.create(**place(keyed))
    try:
        box.files.write("a.txt", "signed")

        def get(url: str, host: str) -> httpx.Response:
            return httpx.get(url.replace(keyed.api("e2b"), keyed.url), headers={"Host": host})

        host = f"49983-{box.sandbox_id}.example.org"
        url = box.download_url("a.txt", use_signature_expiration=600).replace("/compat/files", "/compat/e2b/files")
        assert get(url, host).text == "signed"
        for wrong in (
            url.replace("a.txt", "b.txt"),
            url.replace("signature=v1_", "signature=v1_A"),
            url.replace("expiration=", "expiration=9"),
        ):
            assert get(wrong, host).status_code == 502
        assert (
            get(
                box.download_url("a.txt", use_signature_expiration=-5).replace("/compat/files", "/compat/e2b/files"),
                host,
            ).status_code
            == 502
        )
        assert get(url, "49983-inobody.example.org").status_code in (401, 403, 404)
        headers = {"Host": f"49999-{box.sandbox_id}.example.org", "X-Access-Token": str(box.traffic_access_token)}
        answer = httpx.post(keyed.url + "/execute", json={"code": "6 * 7"}, headers=headers, timeout=LONG)
        assert '"text":"42"' in answer.text
    finally:
        box.kill()


@pytest.mark.skipif(FLEET, reason="the sandbox of debug mode is one node's")
def test_debug_mode_has_one_sandbox(server: Server) -> None:
    settings = {"debug": True, **place(server)}
    Sandbox.create(**settings).run_code("x = 5")
    assert Sandbox.create(**settings).run_code("x").text == "5"


def test_sandboxes_that_nobody_kills_end_and_their_places_are_free_again() -> None:
    with serve("--max-sessions", "3", "--compat-max-wait", "100ms") as server:
        settings = place(server)
        boxes = [Sandbox.create(**settings) for _ in range(3)]
        with pytest.raises(RateLimitException):
            Sandbox.create(**settings, retries=0)
        for box in boxes:
            box.set_timeout(1)

        def made() -> bool:
            try:
                Sandbox.create(**settings, retries=0).kill()
            except SandboxException:
                return False
            return True

        eventually(made)
        eventually(lambda: Sandbox.list(**settings).next_items() == [])


def test_64_calls_in_flight(server: Server) -> None:
    async def calls(number: int) -> None:
        box = await AsyncSandbox.create(**place(server))
        printed: list[str] = []
        await box.run_code("n = 0\nprint('begun')", on_stdout=lambda message: printed.append(message.line))
        assert "".join(printed) == "begun\n"
        executions = await asyncio.gather(*(box.run_code(f"n += 1\n{number} * {i}") for i in range(8)))
        assert [execution.text for execution in executions] == [str(number * i) for i in range(8)]
        assert (await box.run_code("n")).text == "8"
        await box.files.write("a", "b")
        assert await box.files.read("a") == "b"
        assert await box.kill()

    async def all_calls() -> None:
        await asyncio.gather(*(calls(number) for number in range(8)))

    asyncio.run(all_calls())


def test_smolagents_executor(server: Server) -> None:
    def add(a: int, b: int) -> int:
        """Adds two numbers.

        Args:
            a: one
            b: another
        """
        return a + b

    executor = E2BExecutor(["nothing-of-this-name"], AgentLogger(level=LogLevel.OFF), **place(server))
    executor.sandbox.files.write_files(  # in the place of Pillow, which its code imports
        [{"path": "PIL/__init__.py", "data": ""}, {"path": "PIL/Image.py", "data": "class Image: pass"}]
    )
    executor.send_variables({"given": [1, {"k": 2}]})
    executor.send_tools({"final_answer": FinalAnswerTool(), "add": tool(add)})
    output = executor("print(add(1, 2)); given[1]")
    assert (output.output, output.logs, output.is_final_answer) == ("{'k': 2}", "3\n", False)
    answer = executor("final_answer({'sum': add(3, 4), 'pair': (1, 2)})")
    assert (answer.output, answer.is_final_answer) == ({"sum": 7, "pair": (1, 2)}, True)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        executor("1 / 0")
    executor.cleanup()


def test_the_javascript_client(server: Server, keyed: Server, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(ROOT / "build" / "compat-node" / "node_modules")
    shutil.copy(Path(__file__).with_name("e2b.mjs"), tmp_path)  # it finds modules from where it is
    for one in (server, keyed):
        settings = {
            "E2B_API_URL": one.api("e2b"),
            "E2B_SANDBOX_URL": one.api("e2b"),
            "E2B_API_KEY": one.key or "e2b_0000",
        }
        subprocess.run(["node", "e2b.mjs"], cwd=tmp_path, env={**os.environ, **settings}, check=True)
