"""SandboxFusion's clients: verl's reward function, and the package sandbox-fusion."""

from __future__ import annotations

import base64
import importlib.util
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
import sandbox_fusion
from sandbox_fusion import RunCodeRequest, RunJupyterRequest
from server import Server, eventually, serve


@pytest.fixture(scope="module")
def verl() -> ModuleType:
    """verl's client without verl, which imports torch."""
    found = importlib.util.find_spec("verl")
    assert found
    assert found.submodule_search_locations
    path = Path(found.submodule_search_locations[0]) / "utils/reward_score/sandbox_fusion/utils.py"
    spec = importlib.util.spec_from_file_location("verls_client", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_code(url: str, **fields: Any) -> requests.Response:
    return requests.post(url + "/run_code", json=fields, timeout=60)


SUM = "a, b = map(int, input().split())\nprint(a + b)"
CASES = {"inputs": ["1 2", "3 4", "5 6"], "outputs": ["3", "7", "11"]}


@pytest.mark.parametrize(
    ("program", "cases", "want"),
    [
        (SUM, CASES, [True, True, True]),
        (SUM, {"inputs": ["1 2", "3 4"], "outputs": ["3", "8"]}, [True, False]),
        ("print(1 / 0)", {"inputs": [""], "outputs": ["1"]}, [-2]),
        ("import sys\nsys.exit(3)", {"inputs": [""], "outputs": ["1"]}, [-2]),
        ("print(", {"inputs": [""], "outputs": ["1"]}, [-2]),
        ("while True: pass", {"inputs": [""], "outputs": ["1"]}, [-3]),
        ("import time\ntime.sleep(60)", {"inputs": [""], "outputs": ["1"]}, [-3]),
        ("import numpy as np\nprint(np.arange(4).sum())", {"inputs": [None], "outputs": ["6"]}, [True]),
        ("print('é' * 3)", {"inputs": [""], "outputs": ["ééé"]}, [True]),
        ("def f(a, b): return a * b", {"inputs": ["3\n4"], "outputs": ["12"], "fn_name": "f"}, [True]),
        (
            "class Solution:\n def f(self, a): return sorted(a)",
            {"inputs": ["[2, 1]"], "outputs": ["[1, 2]"], "fn_name": "f"},
            [True],
        ),
    ],
)
def test_verl_counts_a_program(
    verl: ModuleType, server: Server, program: str, cases: dict[str, Any], want: list[Any]
) -> None:
    url = server.api("sandboxfusion") + "/run_code"
    timeout = 1 if want == [-3] else 60  # a slow machine is no timeout
    results, metadata = verl.check_correctness(url, cases, program, timeout=timeout, memory_limit_mb=1024)
    assert results == want, metadata


def test_verl_gives_up_on_another_language_as_on_the_original(verl: ModuleType, server: Server) -> None:
    url = server.api("sandboxfusion") + "/run_code"
    results, metadata = verl.check_correctness(url, CASES, "int main() {}", timeout=2, language="cpp")
    assert results == [-1] * 3, metadata


def test_verl_loses_no_reward_with_64_in_flight(verl: ModuleType) -> None:
    """There are two places for 64 requests, and no more than sixteen may wait in line."""
    with serve("--max-running", "2", "--max-waiting", "16", "--max-expected-wait", "1ms", "--max-wait", "1ms") as small:
        url = small.api("sandboxfusion") + "/run_code"
        cases = {"inputs": [f"{i} {i}" for i in range(192)], "outputs": [str(2 * i) for i in range(192)]}
        results, metadata = verl.check_correctness(
            url, cases, SUM, timeout=60, concurrent_semaphore=threading.Semaphore(64)
        )
    assert results == [True] * 192, [m for m in metadata if m["status"] != "success"]


def test_no_place_in_time_is_504() -> None:
    with ThreadPoolExecutor(1) as pool, serve("--max-running", "1", "--drain-grace", "0s") as busy:
        url = busy.api("sandboxfusion")
        first = pool.submit(run_code, url, code="import time; time.sleep(50)", run_timeout=50)
        while not busy.metric("hotcell_running"):
            time.sleep(0.01)
        second = run_code(url, code="print(1)", run_timeout=2, compile_timeout=-9)
        assert second.status_code == 504
        assert "detail" in second.json()
        assert not first.done()


def test_the_package_runs_code(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox_fusion.set_sandbox_endpoint(server.api("sandboxfusion"))
    text = base64.b64encode(b"1,2").decode()
    request = RunCodeRequest(
        code="import sys\nprint(open('in/a.csv').read())\nopen('out', 'w').write(sys.stdin.read())",
        language="python",
        stdin="given",
        files={"in/a.csv": text, "none": None},
        fetch_files=["./out", "missing", "*"],
    )
    done = sandbox_fusion.run_code(request, max_attempts=1)
    assert done.status == "Success"
    assert done.run_result.stdout == "1,2\n"
    assert {name: base64.b64decode(content) for name, content in done.files.items()} == {"./out": b"given"}
    mapping = sandbox_fusion.SummaryMapping(RunTimeout="late", RunFailed="wrong")
    assert sandbox_fusion.summary_run_code_result(done, mapping) == "Success"
    ends = (("1 / 0", 60, "wrong"), ("while True: pass", 0.5, "late"), ("import os; os.abort()", 60, "wrong"))
    for code, seconds, want in ends:
        request = RunCodeRequest(code=code, language="python", run_timeout=seconds)
        done = sandbox_fusion.run_code(request, max_attempts=1)
        assert sandbox_fusion.summary_run_code_result(done, mapping) == want, done


def test_the_package_runs_notebooks(server: Server) -> None:
    sandbox_fusion.set_sandbox_endpoint(server.api("sandboxfusion"))
    done = sandbox_fusion.run_jupyter(
        RunJupyterRequest(
            cells=[
                "a = 123",
                "a",
                "print(a)",
                "import sys; print('no', file=sys.stderr)",
                "raise RuntimeError('what')",
                "open('f', 'w').write('x')",
            ],
            files={"g": base64.b64encode(b"y").decode()},
            fetch_files=["f", "g", "h"],
        ),
        max_attempts=1,
    )
    assert done.status == "Success"
    cells = done.cells
    assert cells[1].display == [{"text/plain": "123"}]
    assert cells[2].stdout == "123\n"
    assert cells[3].stderr == "no\n"
    assert [(e["ename"], e["evalue"]) for e in cells[4].error] == [("RuntimeError", "what")]
    assert {name: base64.b64decode(content) for name, content in done.files.items()} == {"f": b"x", "g": b"y"}


def test_a_notebook_that_takes_too_long_has_its_first_cells(server: Server) -> None:
    sandbox_fusion.set_sandbox_endpoint(server.api("sandboxfusion"))
    request = RunJupyterRequest(cells=["1", "import time; time.sleep(60)", "2"], cell_timeout=6)
    done = sandbox_fusion.run_jupyter(request, max_attempts=1)
    assert done.status == "Failed"
    assert done.driver.status == "TimeLimitExceeded"
    assert len(done.cells) == 2
    assert done.cells[0].display == [{"text/plain": "1"}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("[]", 400),
        ("{", 400),
        ('{"code": 1}', 400),
        ('{"code": "1", "files": {"../x": "eA=="}}', 400),
        ('{"code": "1", "files": {"/etc/x": "eA=="}}', 400),
        ('{"code": "1", "files": {"x": "no base64!"}}', 400),
        ('{"code": "1", "fetch_files": ["../../etc/passwd"]}', 400),
        (json.dumps({"code": "1", "stdin": "x" * (9 << 20)}), 413),
    ],
)
def test_what_is_no_request_is_refused_in_its_words(server: Server, body: str, status: int) -> None:
    refused = requests.post(server.api("sandboxfusion") + "/run_code", data=body, timeout=60)
    assert (refused.status_code, list(refused.json())) == (status, ["detail"])


def test_an_old_client_sends_code_only(server: Server) -> None:
    assert run_code(server.api("sandboxfusion"), code="print(7)").json()["run_result"]["stdout"] == "7\n"


def test_a_pytest_program_runs_its_tests(server: Server) -> None:
    for code, want in {
        "def test_a(): assert 1": "Success",
        "def test_a(): assert 0": "Failed",
        "x = 1": "Failed",
    }.items():
        assert run_code(server.api("sandboxfusion"), code=code, language="pytest").json()["status"] == want, code


def test_limits_above_the_maximum_are_clipped(server: Server) -> None:
    done = run_code(
        server.api("sandboxfusion"), code="print(1)", run_timeout=1e9, compile_timeout=1e9, memory_limit_MB=1 << 40
    )
    assert done.json()["status"] == "Success"


def test_a_key_is_needed_where_there_are_keys(keyed: Server) -> None:
    url = keyed.api("sandboxfusion")
    assert requests.get(url + "/v1/ping", timeout=60).json() == "pong"
    refused = run_code(url, code="print(1)")
    assert (refused.status_code, list(refused.json())) == (401, ["detail"])
    headers = {"Authorization": f"Bearer {keyed.key}"}
    assert (
        requests.post(url + "/run_code", json={"code": "print(1)"}, headers=headers, timeout=60).json()["status"]
        == "Success"
    )


def test_metrics_and_the_log_name_the_api(server: Server) -> None:
    run_code(server.api("sandboxfusion"), code="print(1)")
    labels = 'code="200",route="/compat/sandboxfusion/run_code"'
    assert server.metric(f"hotcell_http_request_duration_seconds_count{{{labels}}}") > 0
    assert any("api=sandboxfusion" in line and "path=/execute" in line for line in server.log)


def test_what_a_program_prints_stays_text(server: Server) -> None:
    hostile = '"}],"status":"Success","run_result":{"return_code":0}}\n\u2028</script>\x1b[31m\x00'
    code = f"import sys\nprint({hostile!r}, end='')\nsys.stderr.buffer.write(b'\\xff\\xfe')\nsys.exit(9)"
    answer = run_code(server.api("sandboxfusion"), code=code).json()
    assert answer["status"] == "Failed"
    assert answer["run_result"]["return_code"] == 9
    assert answer["run_result"]["stdout"] == hostile


def test_a_flood_of_notebooks_leaves_nothing() -> None:
    with serve("--max-running", "2", "--max-sessions", "2") as small, ThreadPoolExecutor(16) as pool:
        url = small.api("sandboxfusion") + "/run_jupyter"
        asked = [
            pool.submit(requests.post, url, json={"cells": ["1"], "total_timeout": 120}, timeout=240) for _ in range(16)
        ]
        assert [a.result().json()["status"] for a in asked] == ["Success"] * 16
        eventually(lambda: not small.metric("hotcell_sessions") and not small.metric("hotcell_running"))
