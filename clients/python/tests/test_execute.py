"""Running scripts: every verdict, and every option."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest
from server import Server, eventually

from hotcell import (
    AsyncClient,
    Client,
    ErrorInfo,
    Exited,
    HotcellError,
    Killed,
    MemoryLimit,
    NotJSON,
    OutputLimit,
    RunError,
    ScriptError,
    Status,
    TimeLimit,
)


def test_an_answer_has_everything(hotcell: Client) -> None:
    answer = hotcell.execute(
        "import sys\ndef main(a, *, b): print(a); print(b, file=sys.stderr); return {'sum': a + b}",
        args=(20,),
        kwargs={"b": 1},
    )
    assert (answer.ok, answer.status, answer.result) == (True, Status.OK, {"sum": 21})
    assert (answer.stdout, answer.stderr, answer.truncated.stdout) == ("20\n", "1\n", False)
    assert (answer.error, answer.exit_code, answer.signal, answer.limit, answer.files) == (None, None, None, None, {})
    assert answer.usage.wall_ms > 0
    assert (answer.usage.peak_memory_bytes or 0) > 0
    assert answer.timing.run_ms > 0
    assert answer.raise_for_status() is answer
    assert answer.raw["id"] == answer.id
    with pytest.raises(AttributeError):
        answer.stdout = "another"  # type: ignore[misc]


def test_run_returns_the_result(hotcell: Client) -> None:
    script = "import os, sys\nasync def main(): return [input(), os.environ['GREETING'], None, 2**80]"
    assert hotcell.run(script, stdin="a line\n", env={"GREETING": "grüß dich"}) == ["a line", "grüß dich", None, 2**80]
    assert hotcell.run("6 * 7", last_expression=True, profile="default") == 42


VERDICTS = [
    (
        "def main():\n    1 / 0",
        {},
        Status.EXCEPTION,
        ScriptError,
        "ZeroDivisionError: division by zero, line 2 of the script",
    ),
    ("def main(): return {'a': [object()]}", {}, Status.NOT_JSON, NotJSON, "$.a[0]"),
    ("def main():\n    while True: pass", {"wall_ms": 200}, Status.TIMEOUT, TimeLimit, "limit wall"),
    ("def main():\n    while True: pass", {"cpu_ms": 100}, Status.TIMEOUT, TimeLimit, "limit cpu"),
    (
        "def main(): return len(bytearray(10**8))",
        {"memory_bytes": 32 << 20},
        Status.MEMORY_LIMIT,
        MemoryLimit,
        "limit memory",
    ),
    ("def main(): print('x' * 10000)", {"output_bytes": 100}, Status.OUTPUT_LIMIT, OutputLimit, "limit output"),
    ("def main(): return 'x' * 10000", {"result_bytes": 100}, Status.OUTPUT_LIMIT, OutputLimit, "limit result"),
    ("import os\ndef main(): os._exit(7)", {}, Status.EXITED, Exited, "exit_code 7"),
    ("import ctypes\ndef main(): ctypes.string_at(0)", {}, Status.KILLED, Killed, "signal SIGSEGV"),
]


@pytest.mark.parametrize(
    ("script", "limits", "status", "kind", "says"), VERDICTS, ids=[f"{v[2]}-{v[4]}" for v in VERDICTS]
)
def test_every_verdict_is_a_value_and_an_exception(
    hotcell: Client, script: str, limits: Any, status: Status, kind: type[RunError], says: str
) -> None:
    answer = hotcell.execute(script, limits=limits)
    assert (answer.ok, answer.status, answer.result) == (False, status, None)
    with pytest.raises(RunError) as raised:
        hotcell.run(script, limits=limits)
    assert isinstance(raised.value, HotcellError)
    assert type(raised.value) is kind
    assert raised.value.answer.status == status
    assert says in str(raised.value)


def test_a_scripts_exception_has_its_traceback(hotcell: Client) -> None:
    error = hotcell.execute("def main():\n    raise KeyError('nothing')").error
    assert isinstance(error, ErrorInfo)
    assert (error.type, error.message, error.line) == ("KeyError", "'nothing'", 2)
    assert "raise KeyError('nothing')" in error.traceback


def test_an_exception_can_be_pickled(hotcell: Client) -> None:
    with pytest.raises(ScriptError) as raised:
        hotcell.run("def main(): 1 / 0")
    copy = pickle.loads(pickle.dumps(raised.value))
    assert str(copy) == str(raised.value)
    assert copy.answer == raised.value.answer


def test_arguments_that_json_cannot_hold_are_the_callers_error(hotcell: Client) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        hotcell.execute("def main(a): pass", args=[float("nan")])
    with pytest.raises(TypeError, match="not JSON serializable"):
        hotcell.execute("def main(a): pass", args=[object()])


def test_info_tells_what_the_server_has(hotcell: Client) -> None:
    info = hotcell.info()
    assert info["profiles"]["default"]["limits"]["max"]["wall_ms"] == 60_000


def test_many_scripts_run_at_a_time(server: Server) -> None:
    async def run() -> list[Any]:
        async with AsyncClient(server.url) as hotcell:
            return await asyncio.gather(*(hotcell.run("def main(n): return n", args=[n]) for n in range(150)))

    assert asyncio.run(run()) == list(range(150))


def test_cancelling_kills_the_script(server: Server) -> None:
    async def run() -> None:
        async with AsyncClient(server.url) as hotcell:
            task = asyncio.create_task(
                hotcell.run("import time\ndef main(): time.sleep(50)", limits={"wall_ms": 60_000})
            )
            await asyncio.to_thread(eventually, lambda: server.running() == 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.to_thread(eventually, lambda: server.running() == 0)

    asyncio.run(run())
