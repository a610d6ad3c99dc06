"""The clients of Piston as clients of a hotcell."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import subprocess
from pathlib import Path

import httpx
import pyston
import pytest
from server import ROOT, Server
from ultra_piston import File, PistonClient
from ultra_piston.errors import BadRequestError

HTTP = httpx.Client(timeout=120)


@pytest.fixture(params=["server", "keyed"])
def piston(request: pytest.FixtureRequest) -> Server:
    """A server, without keys and with them."""
    server: Server = request.getfixturevalue(request.param)
    return server


def execute(piston: Server, *files: dict[str, str]) -> httpx.Response:
    body = {"language": "python", "version": "*", "files": files}
    return HTTP.post(f"{piston.api('piston')}/api/v2/execute", json=body, headers={"Authorization": piston.key or "-"})


@pytest.fixture
def client(piston: Server, monkeypatch: pytest.MonkeyPatch) -> PistonClient:
    for name in ("get", "post", "AsyncClient"):  # it gives up after 5 s, which a busy machine may take
        monkeypatch.setattr(httpx, name, functools.partial(getattr(httpx, name), timeout=120))
    return PistonClient(api_key=piston.key or None, rate_limit=0, base_url=f"{piston.api('piston')}/api/v2")


def test_ultra_piston_runs_python(client: PistonClient) -> None:
    (runtime,) = client.get_runtimes()
    assert runtime.language == "python"
    assert "py" in runtime.aliases
    ran = client.post_execute(
        "py",
        runtime.version,
        File(name="m.py", content="import sys; print(sys.argv[1:], input())"),
        stdin="typed",
        args=["a"],
    )
    assert (ran.language, ran.version, ran.run.stdout, ran.run.code) == ("python", runtime.version, "['a'] typed\n", 0)
    assert client.get_packages() == []


def test_ultra_piston_is_told_how_a_program_ended(client: PistonClient) -> None:
    def run(code: str, **limits: int) -> tuple[int | None, str | None]:
        ran = client.post_execute("python", "3", File(content=code), **limits).run
        return ran.code, ran.signal

    assert run("raise SystemExit(3)") == (3, None)
    assert run("import os; os.abort()") == (None, "SIGABRT")
    assert run("while True: pass", run_timeout=200) == (None, "SIGKILL")
    assert run("print(1)", run_timeout=10**9, run_memory_limit=10**15) == (0, None)


def test_ultra_piston_is_refused_other_languages(client: PistonClient) -> None:
    with pytest.raises(BadRequestError):
        client.post_execute("c", "10.2.0", File(content="int main(){}"))
    with pytest.raises(BadRequestError):
        client.post_execute("python", "2.7.18", File(content=""))


def test_ultra_piston_works_async(client: PistonClient) -> None:
    async def run() -> list[str]:
        assert await client.get_runtimes_async()
        return [
            (await client.post_execute_async("python", "*", File(content=f"print({n})"))).run.output for n in range(3)
        ]

    assert asyncio.run(run()) == ["0\n", "1\n", "2\n"]


def test_aiopyston_runs_python_with_64_in_flight(piston: Server) -> None:
    async def run() -> None:
        client = pyston.PystonClient(api_key=piston.key or None, base_url=f"{piston.api('piston')}/api/v2/")
        try:
            assert await client.languages() == {"python"}
            ran = await client.execute(
                "python", [pyston.File("import b; print('out')", "a.py"), pyston.File("print('b')", "b.py")]
            )
            assert ran.success
            assert str(ran) == "b\nout\n"
            assert ran.run_stage.code == 0
            with pytest.raises(pyston.exceptions.ExecutionError, match="cobol-\\* runtime is unknown"):
                await client.execute("cobol", [pyston.File("")])
            many = await asyncio.gather(*(client.execute("py3", [pyston.File(f"print({n})")]) for n in range(64)))
            assert [str(ran) for ran in many] == [f"{n}\n" for n in range(64)]
        finally:
            await client.close_session()

    asyncio.run(run())


def test_piston_client_of_npm_runs_python(server: Server) -> None:  # it sends no key
    ran = subprocess.run(
        ["node", "--input-type=module", "-"],
        input=(Path(__file__).parent / "piston.mjs").read_text(),
        env={**os.environ, "URL": server.api("piston")},
        cwd=ROOT / "build" / "compat-node",  # where it looks for packages
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["runtimes"][0]["language"] == "python"
    assert told["run"]["run"]["stdout"] == "['1', '2', '3'] typed\n"
    assert told["all"] == [f"{n}\n" for n in range(64)]
    assert told["failed"]["run"]["status"] == "RE"
    assert "ZeroDivisionError" in told["failed"]["run"]["stderr"]
    assert told["unknown"]["message"] == "version is required as a string"  # it finds none among the runtimes


def test_what_is_printed_to_both_streams_is_in_output(piston: Server) -> None:
    code = "import sys\nfor n in range(4):\n    print(n, file=[sys.stdout, sys.stderr][n % 2])"
    run = execute(piston, {"content": code}).json()["run"]
    assert (run["stdout"], run["stderr"], run["status"]) == ("0\n2\n", "1\n3\n", None)
    assert sorted(run["output"]) == sorted("0\n1\n2\n3\n")
