"""Jobs: kept on disk until they are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from server import Server

import hotcell
from hotcell import AsyncClient, Client, JobEnded, Refused

_SLEEPS = "import time\ndef main(): time.sleep(30)"


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.url) as client:
        yield client


def test_a_job_has_the_answer_of_its_script(client: Client) -> None:
    job = client.submit("def main(n): return n * 2", args=[21])
    assert job.wait().result == 42
    state = client.job(job.id).state()
    assert (state.status, state.attempts, state.over) == ("done", 1, True)
    assert state.created_at <= state.ended_at if state.ended_at else False


def test_a_job_can_be_awaited(server: Server) -> None:
    async def run() -> list[object]:
        async with AsyncClient(server.url) as client:
            jobs = [await client.submit("def main(n): return n", args=[n]) for n in range(3)]
            answers = await asyncio.gather(*(job.wait(60) for job in jobs))
            return [answer.result for answer in answers] + [(await jobs[0]).result, (await jobs[0].state()).status]

    assert asyncio.run(run()) == [0, 1, 2, 0, "done"]


def test_the_same_key_gets_the_same_job(client: Client) -> None:
    first = client.submit("def main(): return 1", idempotency_key="same")
    assert client.submit("def main(): return 1", idempotency_key="same").id == first.id
    with pytest.raises(Refused, match="idempotency_conflict"):
        client.submit("def main(): return 2", idempotency_key="same")


def test_a_job_without_an_answer_raises(client: Client) -> None:
    job = client.submit(_SLEEPS, limits={"wall_ms": 40_000})
    with pytest.raises(TimeoutError):
        job.wait(0)
    assert job.cancel().status == "cancelled"
    with pytest.raises(JobEnded, match="cancelled"):
        job.wait()
    with pytest.raises(Refused, match="no_main"):
        client.submit("x = 1").wait()
    with pytest.raises(ValueError, match="is not the id of a job"):
        client.job("../execute")


def test_the_module_has_jobs_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTCELL_URL", server.url)
    assert hotcell.submit("def main(): return 1", expires_s=600).wait().result == 1


def test_a_webhook_must_be_allowed(client: Client) -> None:
    with pytest.raises(Refused, match="/webhook/url: this service sends no webhooks"):
        client.submit("def main(): return 1", webhook={"url": "https://hooks.example.com/done"})
