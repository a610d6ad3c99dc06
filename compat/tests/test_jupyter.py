"""Kernels: what clients of the Jupyter Server's API send, and what nobody should."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import websocket
from channels import Channels, contents, framed, printed
from jupyter_kernel_client import JupyterKernelClient
from server import Server, eventually, serve

Start = Callable[[Server], str]


def call(server: Server, method: str, path: str, key: str | None = None) -> requests.Response:
    headers = {"Authorization": f"token {server.key if key is None else key}"} if server.key else {}
    return requests.request(method, server.api("jupyter") + path, headers=headers, timeout=60)


@pytest.fixture
def start() -> Iterator[Start]:
    """Makes kernels that end with the test."""
    made: list[tuple[Server, str]] = []

    def make(server: Server) -> str:
        answer = call(server, "POST", "/api/kernels")
        assert answer.status_code == 201, answer.text
        made.append((server, answer.json()["id"]))
        return made[-1][1]

    yield make
    for server, kernel in made:
        call(server, "DELETE", f"/api/kernels/{kernel}")


def client(server: Server) -> JupyterKernelClient:
    return JupyterKernelClient(server_url=server.api("jupyter"), token=server.key)


def stop(kernel: JupyterKernelClient) -> None:
    """Stops a client after its kernel, as it then notices at once that its WebSocket is closed."""
    kernel._manager.shutdown_kernel(now=True)
    kernel.stop()


def test_jupyter_kernel_client_runs_code(keyed: Server) -> None:
    kernel = client(keyed)
    kernel.start()
    try:
        assert kernel.kernel_info["language_info"]["name"] == "python"
        done = kernel.execute("print('a', 1)\nx = 3\nx")
        assert done["status"] == "ok"
        assert done["execution_count"] == 1
        assert "".join(o["text"] for o in done["outputs"][:-1]) == "a 1\n"
        assert done["outputs"][-1]["data"] == {"text/plain": "3"}
        done = kernel.execute("1 / 0")
        assert (done["status"], done["execution_count"]) == ("error", 2)
        assert done["outputs"][0]["ename"] == "ZeroDivisionError"
        assert [v["name"] for v in kernel.list_variables()] == ["x"]
        assert kernel.get_variable_mimetypes("x") == ({"text/plain": "3"}, {})
        assert kernel.id in [k["id"] for k in kernel.list_kernels()]
        kernel.restart()
        assert kernel.execute("x")["outputs"][0]["ename"] == "NameError"
        assert kernel.is_alive()
    finally:
        stop(kernel)


def test_a_kernel_that_dies_is_started_again(server: Server) -> None:
    kernel = client(server)
    kernel.start()
    try:
        for code in ("import os; os._exit(3)", "print('x' * 10_000_000)"):
            done = kernel.execute("x = 1")
            assert done["status"] == "ok"
            done = kernel.execute(code)
            assert done["status"] == "error"
            assert "started again" in done["outputs"][-1]["traceback"][-1]
            assert kernel.execute("x")["outputs"][0]["ename"] == "NameError"
    finally:
        stop(kernel)


@pytest.mark.parametrize("v1", [False, True])
def test_a_kernel_answers_in_both_protocols(keyed: Server, start: Start, v1: bool) -> None:
    with Channels(keyed, start(keyed), v1=v1) as kernel:
        assert kernel.ask("kernel_info_request")["protocol_version"] == "5.3"
        assert kernel.ask("kernel_info_request", "control")["status"] == "ok"
        messages = kernel.run("import sys\nprint('é\\u2028\\x00')\nprint('e', file=sys.stderr)\ndisplay(1)\n2")
        kinds = [m["msg_type"] for m in messages if m["msg_type"] != "stream"]
        assert kinds == ["status", "execute_input", "display_data", "execute_result", "execute_reply", "status"]
        streams = {"stdout": "", "stderr": ""}
        for shown in contents(messages, "stream"):
            streams[shown["name"]] += shown["text"]
        assert streams == {"stdout": "é\u2028\x00\n", "stderr": "e\n"}
        found = kernel.ask("complete_request", code="sys.getrefc", cursor_pos=11)
        assert (found["matches"], found["cursor_start"], found["cursor_end"]) == ([".getrefcount"], 3, 11)
        assert kernel.ask("complete_request", code="\"\\'😀 nothing", cursor_pos=3)["status"] == "ok"
        found = kernel.ask("inspect_request", code="sys.getrefcount", cursor_pos=3, detail_level=0)
        assert found["found"] is True
        assert "reference count" in found["data"]["text/plain"]
        assert kernel.ask("inspect_request", code="nothing_of_it", cursor_pos=3)["found"] is False
        assert kernel.ask("is_complete_request", code="1")["status"] == "unknown"
        assert kernel.ask("history_request")["history"] == []
        assert kernel.ask("comm_info_request")["comms"] == {}
        assert kernel.ask("comm_open") == {}
        assert contents(kernel.run("3"), "execute_result")[0]["execution_count"] == 2


@pytest.mark.parametrize("how", ["control", "http"])
def test_an_interrupt_ends_the_cell_and_what_waits(server: Server, start: Start, how: str) -> None:
    name = start(server)
    with Channels(server, name) as kernel:
        first = kernel.send("execute_request", code="print('on', flush=True)\nwhile True: pass")
        second = kernel.send("execute_request", code="print('never')")
        while kernel.receive()["msg_type"] != "stream":
            pass
        if how == "http":
            assert call(server, "POST", f"/api/kernels/{name}/interrupt").status_code == 204
        else:
            kernel.send("interrupt_request", "control")
        assert contents(kernel.about(first), "error")[0]["ename"] == "KeyboardInterrupt"
        assert contents(kernel.about(second), "execute_reply") == [{"status": "aborted"}]
        assert printed(kernel.run("print('lives')")) == "lives\n"


def test_a_cell_that_takes_too_long_is_interrupted() -> None:
    with serve("--limits-max-wall", "1s", "--limits-default-wall", "1s") as short:
        name = call(short, "POST", "/api/kernels").json()["id"]
        with Channels(short, name) as kernel:
            eventually(lambda: kernel.ask("execute_request", code="x = 1")["status"] == "ok")
            failed = contents(kernel.run("while True: pass"), "error")
            assert (failed[0]["ename"], failed[0]["evalue"]) == ("KernelError", "timeout wall")
            assert any("KeyboardInterrupt" in line for line in failed[0]["traceback"])
            assert printed(kernel.run("print(x)")) == "1\n"


def test_a_kernel_takes_the_cells_of_two_websockets_in_turn(server: Server, start: Start) -> None:
    name = start(server)
    with Channels(server, name) as one, Channels(server, name, v1=True) as two:
        first = one.send("execute_request", code="print('on', flush=True)\nimport time; time.sleep(0.3)\nx = 1")
        while one.receive()["msg_type"] != "stream":
            pass
        assert printed(two.run("print(x)")) == "1\n"
        assert contents(one.about(first), "execute_reply")[0]["status"] == "ok"


def test_a_websocket_that_closes_interrupts_its_cell(server: Server, start: Start) -> None:
    name = start(server)
    with Channels(server, name) as kernel:
        kernel.send("execute_request", code="x = 1\nprint('on', flush=True)\nimport time; time.sleep(60)")
        while kernel.receive()["msg_type"] != "stream":
            pass
    eventually(lambda: call(server, "GET", f"/api/kernels/{name}").json()["execution_state"] == "idle")
    with Channels(server, name) as kernel:
        assert printed(kernel.run("print(x)")) == "1\n"


@pytest.mark.parametrize("how", ["http", "control"])
def test_a_kernels_websocket_ends_with_it(server: Server, start: Start, how: str) -> None:
    name = start(server)
    with Channels(server, name) as kernel:
        if how == "http":
            assert call(server, "DELETE", f"/api/kernels/{name}").status_code == 204
        else:
            assert kernel.ask("shutdown_request", "control", restart=False)["status"] == "ok"
        kernel.ends()
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/interrupt"), ("POST", "/restart")):
        assert call(server, method, f"/api/kernels/{name}{path}").status_code == 404


def test_a_restart_on_the_control_channel_keeps_the_kernel(server: Server, start: Start) -> None:
    with Channels(server, start(server)) as kernel:
        kernel.run("x = 1")
        assert kernel.ask("shutdown_request", "control", restart=True)["restart"] is True
        messages = kernel.run("x")
        assert contents(messages, "error")[0]["ename"] == "NameError"
        assert contents(messages, "execute_reply")[0]["execution_count"] == 1


def test_a_kernel_is_its_keys_own(keyed: Server, start: Start) -> None:
    name = start(keyed)
    assert [k["id"] for k in call(keyed, "GET", "/api/kernels").json()] == [name]
    assert call(keyed, "GET", "/api/kernels", keyed.other).json() == []
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/interrupt"),
        ("POST", "/restart"),
        ("GET", "/channels"),
    ):
        assert call(keyed, method, f"/api/kernels/{name}{path}", keyed.other).status_code == 404
    with pytest.raises(websocket.WebSocketBadStatusException, match="404"):
        Channels(keyed, name, key=keyed.other)
    for key in ("", "wrong"):
        with pytest.raises(websocket.WebSocketBadStatusException, match="401"):
            Channels(keyed, name, key=key)
        assert call(keyed, "POST", "/api/kernels", key).status_code == 401
    # A session of the same id is another one.
    own = f"{keyed.url}/sessions"
    headers = {"Authorization": f"Bearer {keyed.other}"}
    assert requests.post(own, json={"id": f"jupyter-{name}"}, headers=headers, timeout=60).status_code == 201
    with Channels(keyed, name) as mine, Channels(keyed, name, key=keyed.other) as theirs:
        mine.run("secret = 1")
        assert contents(theirs.run("secret"), "error")[0]["ename"] == "NameError"
        assert call(keyed, "DELETE", f"/api/kernels/{name}", keyed.other).status_code == 204
        theirs.ends()
        assert printed(mine.run("print(secret)")) == "1\n"


@pytest.mark.parametrize("name", ["..", "%2e%2e", "x", "..%2f..%2finfo", "0" * 300, "A" * 36, "%00", "e%CC%81"])
def test_no_id_leads_elsewhere(server: Server, name: str) -> None:
    for method in ("GET", "DELETE"):
        answer = call(server, method, f"/api/kernels/{name}")
        assert answer.status_code in (404, 405)
        assert "message" in answer.json()


def test_kernelspecs_are_the_profiles(server: Server) -> None:
    specs = call(server, "GET", "/api/kernelspecs").json()
    assert specs["default"] == "python3"
    assert specs["kernelspecs"]["python3"]["spec"]["language"] == "python"
    assert call(server, "GET", "/api/kernelspecs/python3").json() == specs["kernelspecs"]["python3"]
    assert call(server, "GET", "/api/kernelspecs/ruby").status_code == 404
    url = server.api("jupyter") + "/api/kernels"
    assert requests.post(url, json={"name": "ruby"}, timeout=60).status_code == 404
    assert requests.post(url, data="[]", timeout=60).status_code == 400


@pytest.mark.parametrize(
    ("v1", "frame"),
    [
        (False, b"{"),
        (False, b"[]"),
        (False, b'{"header": {"msg_id": "' + b"x" * 2000 + b'"}}'),
        (False, b'{"content": "' + b"x" * (3 << 20) + b'"}'),
        (True, b""),
        (True, b"\xff" * 64),
        (True, framed([b"shell", b"{}", b"{}", b"{}"])),
        (True, framed([b"shell", b"{", b"{}", b"{}", b"{}"])),
    ],
)
def test_a_frame_that_is_wrong_closes_its_websocket_only(server: Server, start: Start, v1: bool, frame: bytes) -> None:
    name = start(server)
    with Channels(server, name, v1=v1) as kernel, Channels(server, name) as other:
        if v1:
            kernel.socket.send_binary(frame)
        else:
            kernel.socket.send(frame.decode())
        kernel.ends()
        assert printed(other.run("print(1)")) == "1\n"


def test_a_flood_of_requests_closes_its_websocket(server: Server, start: Start) -> None:
    with Channels(server, start(server)) as kernel:
        kernel.send("execute_request", code="import time; time.sleep(5)")
        try:
            for _ in range(400):
                kernel.send("execute_request", code="1")
        except OSError:
            pass
        kernel.ends()


def test_what_is_no_request_is_answered_or_ignored(server: Server, start: Start) -> None:
    with Channels(server, start(server)) as kernel:
        for kind in ("", "execute_reply", "debug_request", "kernel_info", "_request"):
            kernel.send(kind)
        kernel.send("execute_request", channel="stdin", code="1")
        kernel.send("execute_request", channel="iopub", code="1")
        assert kernel.ask("execute_request", code=1)["ename"] == "ValueError"
        assert kernel.ask("execute_request", code="")["status"] == "ok"
        assert contents(kernel.run("input()"), "error")[0]["ename"] == "EOFError"
        assert printed(kernel.run("print(2)")) == "2\n"


def test_kernels_wait_in_line_for_the_cells_of_others(server: Server) -> None:
    def once(i: int) -> str:
        answer = requests.post(server.api("jupyter") + "/api/kernels", timeout=300)
        answer.raise_for_status()
        name = answer.json()["id"]
        with Channels(server, name) as kernel:
            text = printed(kernel.run(f"print({i})"))
        requests.delete(f"{server.api('jupyter')}/api/kernels/{name}", timeout=60).raise_for_status()
        return text

    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(once, range(32))) == [f"{i}\n" for i in range(32)]
    assert call(server, "GET", "/api/kernels").json() == []


def test_much_output_comes_whole_and_in_few_messages(server: Server, start: Start) -> None:
    with Channels(server, start(server)) as kernel:
        began = time.monotonic()
        messages = kernel.run("for i in range(50_000): print(i)")
        assert printed(messages) == "".join(f"{i}\n" for i in range(50_000))
        assert len(messages) < 1000, time.monotonic() - began
