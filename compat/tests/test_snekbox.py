"""Callers of snekbox, as its bot calls it, on a hotcell."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from server import Server

HTTP = httpx.Client(timeout=120)


@pytest.fixture(params=["server", "keyed"])
def snekbox(request: pytest.FixtureRequest) -> Server:
    """A server, without keys and with them."""
    server: Server = request.getfixturevalue(request.param)
    return server


# What the bot gives timeit, so that only its last line is shown.
LAST_LINE = """
import atexit, collections, sys
class Last(collections.deque):
    def write(self, text): text.strip() and self.append(text)
    def flush(self): pass
if not hasattr(sys, "begun"):
    sys.begun, sys.stdout = True, Last(maxlen=1)
    atexit.register(lambda: print(sys.stdout.pop(), file=sys.__stdout__))
"""


def evaluate(server: Server, expect: int = 200, **body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {server.key}"} if server.key else {}
    answer = HTTP.post(f"{server.api('snekbox')}/eval", json=body, headers=headers)
    assert answer.status_code == expect, answer.text
    told: dict[str, Any] = answer.json()
    return told


def sent(path: str, content: bytes | str = "") -> dict[str, str]:
    content = content.encode() if isinstance(content, str) else content
    return {"path": path, "content": base64.b64encode(content).decode()}


def test_arguments_are_those_of_python(snekbox: Server) -> None:
    for body in (
        {"input": "print('hello')"}, {"args": ["-c", "print('hello')"]},
        {"input": "print('hello')", "args": ["", "-c"]},
        {"args": ["-u", "-W", "ignore", "-c", "import sys; print(sys.argv[1])", "hello"]},
        {"args": ["d/m.py", "hello"], "files": [sent("d/m.py", "import sys, n; print(sys.argv[1])"), sent("d/n.py")]},
        {"args": ["-m", "m", "hello"], "files": [sent("m.py", "import sys; print(sys.argv[1])")]},
        {"input": "if True:\n  from __main__ import __name__ as n\nprint({'__main__': 'hello'}[n])"},
    ):  # fmt: skip
        assert evaluate(snekbox, **body) == {"stdout": "hello\n", "returncode": 0, "files": []}
    assert "per loop" in evaluate(snekbox, input="pass", args=["-m", "timeit", "-n", "10"])["stdout"]
    assert "per loop" in evaluate(snekbox, args=["-m", "timeit", "-n", "10", "-s", LAST_LINE, "pass"])["stdout"]
    assert evaluate(snekbox, args=[]) == {"stdout": "", "returncode": 0, "files": []}
    told = evaluate(snekbox, args=["nothing.py"])
    assert told["returncode"] == 2
    assert "can't open file" in told["stdout"]


def test_streams_are_one_in_order(snekbox: Server) -> None:
    code = "import sys\nfor n in range(100):\n    print(n, file=[sys.stdout, sys.stderr][n % 2])\nraise ValueError"
    told = evaluate(snekbox, input=code)
    lines = told["stdout"].splitlines()
    assert lines[:100] == [str(n) for n in range(100)]
    assert told["returncode"] == 1
    assert lines[100] == "Traceback (most recent call last):"
    assert lines[101].startswith('  File "<string>", line 4, in <module>')
    assert lines[-1] == "ValueError"
    assert "script.py" not in told["stdout"]


def test_a_syntax_error_looks_as_pythons(snekbox: Server) -> None:
    told = evaluate(snekbox, input="def f(:\n  pass")
    assert told["returncode"] == 1
    assert told["stdout"].startswith('  File "<string>", line 1\n')


def test_files_come_back_that_are_new_or_changed(snekbox: Server) -> None:
    code = """
import os
open("new.txt", "w").write("new")
open("changed", "a").write("!")
os.makedirs("d/_e/.f")
for path in ("d/a", "d/_hidden", ".hidden", "d/_e/b", "d/_e/.f/c"):
    open(path, "w").close()
os.symlink("new.txt", "link")
"""
    told = evaluate(snekbox, input=code, files=[sent("same", b"\0\xff"), sent("changed", "x")])
    assert told["returncode"] == 0, told
    assert told["files"] == [
        {"path": "changed", "size": 2, "content": "eCE="}, {"path": "d/_e/b", "size": 0, "content": ""},
        {"path": "d/a", "size": 0, "content": ""}, {"path": "new.txt", "size": 3, "content": "bmV3"},
    ]  # fmt: skip


def test_limits_are_137(hasty: Server) -> None:
    assert evaluate(hasty, input="while True: pass") == {"stdout": "", "returncode": 137, "files": []}


def test_too_much_output_is_143_and_a_signal_is_more_than_128(snekbox: Server) -> None:
    assert evaluate(snekbox, input="while True: print('x' * 100000)")["returncode"] == 143
    assert evaluate(snekbox, input="import os; os.abort()")["returncode"] == 134
    assert evaluate(snekbox, input="raise SystemExit(7)")["returncode"] == 7


def test_64_are_in_flight(snekbox: Server) -> None:
    with ThreadPoolExecutor(64) as threads:
        told = threads.map(lambda n: evaluate(snekbox, input=f"print({n})")["stdout"], range(64))
        assert list(told) == [f"{n}\n" for n in range(64)]
