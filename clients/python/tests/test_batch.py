from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from blocking import Make, blocking

from hotcell import Client, Refused, UnexpectedAnswer

COUNTS = {"counts": {"accepted": 1}, "cases": 1, "not_run": 0, "problem": None}


def lines(*records: Any) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def line(script: int, case: int, verdict: str) -> dict[str, Any]:
    return {"script": script, "case": case, "verdict": verdict, "answer": None, "problem": None}


def played(make: Make, handler: Callable[[httpx.Request], httpx.Response]) -> Client:
    """Returns a client of a server that the test plays."""
    kind = httpx.AsyncClient if make is blocking else httpx.Client
    return make("http://127.0.0.1:1", http=kind(transport=httpx.MockTransport(handler)))


def test_a_batch_yields_what_comes_of_each_run(hotcell: Client) -> None:
    cases: list[Any] = [{"stdin": str(n), "expected_stdout": str(2 * n)} for n in range(3)]
    runs = list(hotcell.batch(["print(int(input()) * 2)", "print(1 / 0)"], cases, mode="program"))
    verdicts = {(run.script, run.case): run.verdict for run in runs}
    assert verdicts == {(s, c): "runtime_error" if s else "accepted" for s in range(2) for c in range(3)}
    answers = {run.case: run.answer for run in runs if run.script == 0}
    assert answers[2] is not None
    assert answers[2].stdout == "4\n"


def test_a_fault_in_a_case_ends_a_batch(hotcell: Client) -> None:
    with pytest.raises(Refused) as refused:
        list(hotcell.batch("print(1)", [{}, {"stdin": 5}], mode="program"))  # type: ignore[typeddict-item]
    assert refused.value.code == "invalid_request"
    assert "/cases/1/stdin" in str(refused.value)


def test_many_cases_are_several_requests(make: Make) -> None:
    sent: list[dict[str, Any]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        sent.append(body)
        runs = [line(s, 0, "wrong_answer" if text == "bad" else "accepted") for s, text in enumerate(body["scripts"])]
        return httpx.Response(200, content=b" " + lines(*runs, COUNTS))

    with played(make, handler) as hotcell:
        cases: list[Any] = [{"stdin": str(n)} for n in range(2500)]
        runs = [(run.script, run.case) for run in hotcell.batch(["bad", "good"], cases, stop_on_failure=True)]
    assert [(body["scripts"], len(body["cases"])) for body in sent] == [
        (["bad", "good"], 1000),
        (["good"], 1000),
        (["good"], 500),
    ]
    assert runs == [(0, 0), (1, 0), (1, 1000), (1, 2000)]


def test_the_scripts_of_a_batch_count_for_the_size_of_its_requests(make: Make) -> None:
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sizes.append(len(request.content))
        return httpx.Response(200, content=lines(COUNTS))

    with played(make, answer) as hotcell:
        list(hotcell.batch("#" * (6 << 20), [{"stdin": "x" * (1 << 20)}] * 3))
    assert len(sizes) == 3
    assert max(sizes) < 8 << 20  # which a server reads as a whole


def test_a_batch_that_is_cut_off_is_not_taken_for_a_whole_one(make: Make) -> None:
    with played(make, lambda _: httpx.Response(200, content=lines(line(0, 0, "accepted")))) as hotcell:
        runs = hotcell.batch("x", [{}])
        assert next(runs).verdict == "accepted"
        with pytest.raises(UnexpectedAnswer):
            next(runs)


def test_capacity_suggests_how_much_to_send(hotcell: Client) -> None:
    assert hotcell.capacity()["suggested_concurrency"] >= 1
