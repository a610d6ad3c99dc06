"""Runs a fleet on this machine: three hotcells that share a NATS cluster of three members.

    tools/fleet.py [--jobs N] [--dir DIR]

It submits jobs to all three nodes, kills one node with SIGKILL when a third of them are
answered and the leader of the queue when two thirds are, starts both again, and waits
until every job is answered. Each has exactly one answer, or the exit status is 1. Ports
are on loopback, and free ones. It needs Go, and what `hotcell serve` needs. The binaries
are built in DIR, the files of the cluster are there, too; without it, in a directory of
its own that is removed.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NATS = "github.com/nats-io/nats-server/v2"
SILENT = 5  # seconds after which others get a node's jobs
PATIENCE = 300
SCRIPT = "import sys, time; time.sleep(0.2); print(sys.stdin.read())"
began = time.monotonic()


class Failed(Exception):
    pass


def say(text: str) -> None:
    print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def ask(port: int, path: str, body: Any = None, **headers: str) -> Any:
    """Asks a node. Raises OSError if it is not there, or refuses."""
    data = None if body is None else json.dumps(body).encode()
    headers["Content-Type"] = "application/json"
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read()
    except http.client.HTTPException as error:  # it was killed while it answered
        raise OSError(f"port {port}: {error!r}") from error
    return json.loads(text) if text.startswith((b"{", b"[")) else text


def eventually(what: str, holds: Any) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError):
            if holds():
                return
        if time.monotonic() > end:
            raise Failed(f"not within {PATIENCE} s: {what}")
        time.sleep(0.1)


class Process:
    """One process of the fleet, which can be killed and started again."""

    def __init__(self, name: str, command: list[str], log: Path, env: dict[str, str] | None = None) -> None:
        self.name, self.command, self.log, self.env = name, command, log, env
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(self.command, stdout=log, stderr=log, env=self.env)

    def kill(self, how: int = signal.SIGKILL) -> None:
        self.running.send_signal(how)
        self.running.wait()

    def end(self) -> None:
        self.running.terminate()
        try:
            self.running.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()


class Member(Process):
    """A member of the NATS cluster."""

    def __init__(self, number: int, work: Path, clients: list[int], routes: list[int], monitor: int) -> None:
        self.monitor = monitor
        known = ", ".join(f"nats://127.0.0.1:{port}" for port in routes)
        config = work / f"nats-{number}.conf"
        config.write_text(
            f"server_name: nats-{number}\nlisten: 127.0.0.1:{clients[number]}\nhttp: 127.0.0.1:{monitor}\n"
            f"jetstream: {{store_dir: {json.dumps(str(work / f'nats-{number}'))}, sync_interval: always}}\n"
            f"cluster: {{name: fleet, listen: 127.0.0.1:{routes[number]}, routes: [{known}]}}\n"
        )
        super().__init__(f"nats-{number}", [str(work / "nats-server"), "-c", str(config)], work / f"nats-{number}.log")

    def ready(self) -> bool:
        return bool(ask(self.monitor, "/healthz")["status"] == "ok")

    def leads(self, stream: str) -> bool:
        with contextlib.suppress(OSError):
            for account in ask(self.monitor, "/jsz?streams=true").get("account_details") or []:
                for one in account.get("stream_detail") or []:
                    if one["name"] == stream:
                        return bool(one["cluster"].get("leader") == self.name)
        return False


class Node(Process):
    """A hotcell."""

    def __init__(self, number: int, work: Path, port: int, nats: list[int]) -> None:
        self.port = port
        state = work / f"node-{number}"
        state.mkdir(mode=0o755, exist_ok=True)
        urls = ",".join(f"nats://127.0.0.1:{client}" for client in nats)
        options = f"--listen=127.0.0.1:{port} --pool-size=2 --nats={urls} --nats-replicas=3 --job-takeover={SILENT}s"
        command = [str(work / "hotcell"), "serve", *options.split()]
        env = {"HOTCELL_PYTHON": str(ROOT / "build" / "python")} | os.environ | {"HOTCELL_STATE_DIR": str(state)}
        super().__init__(f"node-{number}", command, work / f"node-{number}.log", env)

    def ready(self) -> bool:
        ask(self.port, "/readyz")
        return True


class Fleet:
    """The processes, and the jobs that were given to them."""

    def __init__(self, work: Path) -> None:
        ports = free_ports(12)
        clients, routes, monitors, listens = ports[:3], ports[3:6], ports[6:9], ports[9:]
        self.members = [Member(n, work, clients, routes, monitors[n]) for n in range(3)]
        self.nodes = [Node(n, work, listens[n], clients) for n in range(3)]
        self.ids: dict[int, str] = {}
        self.answers: dict[int, Any] = {}

    def end(self) -> None:
        for one in [*self.nodes, *self.members]:
            one.end()

    def counts(self) -> str:
        return f"{len(self.ids)} jobs acknowledged, {len(self.answers)} answers read"

    def any(self, path: str, body: Any = None, **headers: str) -> Any:
        """Asks any node that answers."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return ask(random.choice(self.nodes).port, path, body, **headers)
            except OSError as error:
                if time.monotonic() > end:
                    raise Failed(f"{path}: {error}") from None
                time.sleep(0.05)

    def submit(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            execute = {"script": SCRIPT, "mode": "program", "stdin": str(number)}
            job = self.any("/jobs", {"execute": execute}, **{"Idempotency-Key": f"{began}-{number}"})
            self.ids[number] = job["id"]

    def collect(self, most: int) -> None:
        for number in range(most):
            while number not in self.ids:
                time.sleep(0.05)
            while True:
                job = self.any(f"/jobs/{self.ids[number]}?wait_s=5")
                if job["status"] not in ("queued", "running"):
                    break
            self.answers[number] = job


def wrong(number: int, job: Any) -> str:
    """Returns what is wrong with a job's answer."""
    if job["status"] != "done" or job["answer"]["stdout"] != f"{number}\n":
        return f"job {number}: {json.dumps(job)[:500]}"
    return ""


def story(fleet: Fleet, most: int) -> None:
    """Kills a node, and then the queue's leader, while jobs are answered."""
    everything: list[Member | Node] = [*fleet.members, *fleet.nodes]
    for one in everything:
        eventually(f"{one.name} is ready", one.ready)
        say(f"{one.name} is ready: process {one.running.pid}")
    lock, numbers = threading.Lock(), iter(range(most))

    def next_numbers() -> Iterator[int]:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            yield number

    threads = [threading.Thread(target=fleet.submit, args=(next_numbers(),), daemon=True) for _ in range(4)]
    threads.append(threading.Thread(target=fleet.collect, args=(most,), daemon=True))
    for thread in threads:
        thread.start()
    eventually("a third is answered", lambda: len(fleet.answers) >= most // 3)
    node = fleet.nodes[0]
    say(f"{fleet.counts()}; kill -9 of {node.name}")
    node.kill()
    eventually("two thirds are answered", lambda: len(fleet.answers) >= 2 * most // 3)
    leaders = [member for member in fleet.members if member.leads("HOTCELL_JOBS")]
    for leader in leaders[:1]:
        say(f"{fleet.counts()}; kill -9 of {leader.name}, which leads the queue")
        leader.kill()
    say(f"{node.name} is started again")
    node.start()
    eventually("all are answered", lambda: len(fleet.answers) == most or not threads[-1].is_alive())
    for leader in leaders[:1]:
        leader.start()
        eventually(f"{leader.name} is ready", leader.ready)
        say(f"{leader.name} is back")
    eventually(f"{node.name} is ready", node.ready)


def main() -> int:
    assert __doc__
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--dir", type=Path)
    given = parser.parse_args()
    with contextlib.ExitStack() as at_end:
        work = given.dir or Path(at_end.enter_context(tempfile.TemporaryDirectory(prefix="hotcell-fleet-")))
        work.mkdir(exist_ok=True)
        work.chmod(0o755)  # the users of jails must reach the state directories in it
        for package, name in ("./cmd/hotcell", "hotcell"), (NATS, "nats-server"):
            subprocess.run(["go", "build", "-o", str((work / name).absolute()), package], cwd=ROOT, check=True)
        say("built hotcell and nats-server")
        fleet = Fleet(work)
        at_end.callback(fleet.end)
        try:
            story(fleet, given.jobs)
        except Failed as failed:
            say(f"FAILED: {failed}")
            return 1
        attempts = Counter(job["attempts"] for job in fleet.answers.values())
        again = sum(count for times, count in attempts.items() if times > 1)
        faults = [found for number, job in fleet.answers.items() if (found := wrong(number, job))]
        if len(set(fleet.ids.values())) != given.jobs:
            faults.append("two jobs have one id")
        right = len(fleet.answers) - len(faults)
        say(f"{given.jobs} jobs, {right} answered, {len(faults)} wrong or lost; {again} were begun again")
        print("\n".join(faults), end="")
        return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
