"""Refused requests, keys, and retries."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from blocking import Make, blocking
from server import PROGRAM, Server, eventually, serve

from hotcell import Client, Refused, UnexpectedAnswer
from hotcell._wire import Place, Wire, execute

NOTHING = "def main(): pass"
LONG = "import time\ndef main(): time.sleep(50)"


@pytest.mark.parametrize(
    ("options", "code", "pointer"),
    [
        ({"limits": {"wall_ms": 10**9}}, "limit_too_high", "/limits/wall_ms"),
        ({"limits": {"wall": 1}}, "invalid_request", "/limits/wall"),
        ({"args": "text"}, "invalid_request", "/args"),
        ({"surprise": 1}, "invalid_request", "/surprise"),  # a newer server may accept it
        ({"profile": "none"}, "unknown_profile", "/profile"),
    ],
)
def test_what_is_wrong_is_named(hotcell: Client, options: Any, code: str, pointer: str) -> None:
    with pytest.raises(Refused) as raised:
        hotcell.execute(NOTHING, **options)
    refused = raised.value
    assert (refused.status, refused.code, refused.errors[0].pointer, refused.retry_after) == (400, code, pointer, None)
    assert refused.request_id
    assert str(refused).startswith(f"{code}: {pointer}")


def test_a_script_that_cannot_be_run_tells_why(hotcell: Client) -> None:
    with pytest.raises(Refused) as raised:
        hotcell.run("x = 1\ndef main(:")
    assert raised.value.error
    assert (raised.value.code, raised.value.error.type, raised.value.error.line) == ("syntax_error", "SyntaxError", 2)
    with pytest.raises(Refused) as raised:
        hotcell.run("print('hello')")
    assert (raised.value.code, raised.value.stdout) == ("no_main", "hello\n")


def test_what_is_no_hotcell_is_said_to_be_none(make: Make, server: Server) -> None:
    with make(server.url + "/metrics?") as client, pytest.raises(UnexpectedAnswer, match="cannot parse"):
        client.info()
    with (
        make("http://127.0.0.1:1") as client,
        pytest.raises(httpx.ConnectError, match=r"cannot connect to http://127\.0\.0\.1:1: "),
    ):
        client.execute(NOTHING)
    with pytest.raises(ValueError, match=r"use for example http://127.0.0.1:8080"):
        make("127.0.0.1:8080")


def test_a_client_of_the_callers_is_used_and_left_open(server: Server) -> None:
    with httpx.Client(headers={"X-Request-Id": "mine"}) as http:
        with Client(server.url + "/", http=http) as client:
            assert client.execute(NOTHING).id == "mine"
        assert not http.is_closed


# One script at a time and no line: a second is refused as "saturated", with Retry-After.
@pytest.fixture(scope="module")
def small_server(
    server: Server,
) -> Iterator[Server]:  # the other fixture is requested because it skips without jails
    with serve("--max-running", "1", "--max-waiting", "0") as small:
        yield small


class Occupied:
    """A server that is full until it is freed."""

    def __init__(self, server: Server) -> None:
        self._thread = threading.Thread(target=self._occupy, args=(server,))
        self._freed = threading.Event()
        self._thread.start()
        eventually(lambda: server.running() == 1)

    def _occupy(self, server: Server) -> None:
        with Client(server.url) as client:
            events = client.stream("print('here')\n" + LONG, limits={"wall_ms": 60_000})
            next(events)
            self._freed.wait()
            events.close()

    def free(self) -> None:
        self._freed.set()
        self._thread.join()


@pytest.fixture
def occupied(small_server: Server) -> Iterator[Occupied]:
    occupied = Occupied(small_server)
    yield occupied
    occupied.free()
    eventually(lambda: small_server.running() == 0)


class Watched:
    """Records the status of each answer that a client gets, and calls `first` at the first."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.first: Callable[[], None] = lambda: None

    @contextmanager
    def client(self, make: Make, server: Server, **options: Any) -> Iterator[Client]:
        http: httpx.Client | httpx.AsyncClient
        if make is blocking:
            http = httpx.AsyncClient(event_hooks={"response": [self._async_hook]})
        else:
            http = httpx.Client(event_hooks={"response": [self._hook]})
        with make(server.url, http=http, **options) as client:
            yield client
        if isinstance(http, httpx.Client):
            http.close()

    def _hook(self, response: httpx.Response) -> None:
        self.statuses.append(response.status_code)
        if len(self.statuses) == 1:
            self.first()

    async def _async_hook(self, response: httpx.Response) -> None:
        self._hook(response)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_full_server_is_asked_again(make: Make, watched: Watched, small_server: Server, occupied: Occupied) -> None:
    watched.first = occupied.free
    with watched.client(make, small_server) as client:
        assert client.run("def main(): return 'done'") == "done"
    assert watched.statuses == [503, 200]


def test_a_stream_is_asked_for_again(make: Make, watched: Watched, small_server: Server, occupied: Occupied) -> None:
    watched.first = occupied.free
    with watched.client(make, small_server) as client:
        *_, answer = client.stream("def main(): return 'done'")
    assert getattr(answer, "result", None) == "done"
    assert watched.statuses == [503, 200]


@pytest.mark.parametrize("retries", [0, 1])
def test_retries_are_bounded(
    make: Make, watched: Watched, small_server: Server, occupied: Occupied, retries: int
) -> None:
    with watched.client(make, small_server, retries=retries) as client, pytest.raises(Refused) as raised:
        client.execute(NOTHING)
    assert (raised.value.code, raised.value.retry_after) == ("saturated", 1)
    assert watched.statuses == [503] * (retries + 1)


def test_what_may_have_run_is_not_sent_again(make: Make, watched: Watched) -> None:
    with serve("--drain-grace", "0s") as server:

        def stop() -> None:
            eventually(lambda: server.running() == 1)
            server.process.terminate()

        stopping = threading.Thread(target=stop)
        stopping.start()
        with watched.client(make, server) as client, pytest.raises(Refused) as raised:
            client.execute(LONG, limits={"wall_ms": 60_000})
        stopping.join()
    assert raised.value.code == "draining"
    assert watched.statuses == [503]


def test_an_answer_may_take_its_limit_and_the_wait(make: Make, watched: Watched) -> None:
    with serve("--max-running", "1") as server, watched.client(make, server, waiting_s=0.5) as client:
        a_second = "import time\ndef main(): time.sleep(1)"
        assert client.execute(a_second, limits={"wall_ms": 5000}).ok
        with client.session() as session:  # its limit is the server's default
            assert session.execute(a_second + "\nmain()").ok
        occupied = Occupied(server)
        watched.statuses.clear()
        with pytest.raises((Refused, httpx.ReadTimeout)):  # the server knows how long the client waits, and may be late
            client.execute(NOTHING, limits={"wall_ms": 500})
        assert set(watched.statuses) <= {503}
        occupied.free()


@pytest.fixture(scope="module")
def keys(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server with three keys: two with all rights, and one with few."""
    secrets, entries = {}, ""
    for name, rights, rate in [("full", "execute,sessions", ""), ("narrow", "execute", "  rate: 1\n  burst: 1\n")]:
        made = json.loads(subprocess.check_output([PROGRAM, "key", "new", name, "--rights", rights, "--json"]))
        secrets[name] = made["key"]
        entries += made["entry"] + rate
    file = tmp_path_factory.mktemp("keys") / "keys.yaml"
    file.write_text(entries)
    file.chmod(0o644)
    with serve("--keys", str(file)) as with_keys:
        yield with_keys, secrets


def test_a_key_is_sent(make: Make, keys: tuple[Server, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    server, secrets = keys
    for key, code in [("", "unauthorized"), ("wrong", "unauthorized")]:
        with make(server.url, key=key) as client, pytest.raises(Refused) as raised:
            client.execute(NOTHING)
        assert raised.value.code == code
    with make(server.url, key=secrets["full"]) as client, client.session() as session:
        assert session.run("1") == 1
    with make(server.url, key=secrets["narrow"]) as client, pytest.raises(Refused) as raised, client.session():
        pass
    assert (raised.value.status, raised.value.code) == (403, "forbidden")
    monkeypatch.setenv("HOTCELL_KEY", secrets["full"] + "\n")  # as from a file
    with make(server.url) as client:
        assert client.execute(NOTHING).ok
        assert secrets["full"] not in repr(vars(client))


def test_a_rate_that_is_used_up_is_waited_for(
    make: Make, watched: Watched, keys: tuple[Server, dict[str, str]]
) -> None:
    server, secrets = keys
    with watched.client(make, server, key=secrets["narrow"]) as client:
        for _ in range(2):
            assert client.execute(NOTHING).ok
    assert 429 in watched.statuses
    assert watched.statuses[-1] == 200


@pytest.mark.parametrize(
    ("waiting_s", "queue_s", "said"),
    [
        (5.0, 0, "wait=6"),
        (0.25, 0, "wait=1.25"),
        (None, 0, None),
        (5.0, 2.5, "queue=2.5, wait=8.5"),
        (None, 30, "queue=30"),
    ],
)
def test_a_client_says_how_long_it_waits(waiting_s: float | None, queue_s: float, said: str | None) -> None:
    sent: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(503)

    wire = Wire("http://127.0.0.1:1", None, 0, waiting_s).queue(queue_s)
    with httpx.Client(transport=httpx.MockTransport(refuse)) as http:
        http.send(wire.request(http, execute(Place("/execute", 60_000), NOTHING, {"limits": {"wall_ms": 1000}})))
    assert sent[0].headers.get("Prefer") == said
