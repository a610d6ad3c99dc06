"""Jobs: scripts that the server keeps on disk until they are answered."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from ._answer import Answer, read_answer
from ._connection import AsyncConnection, Connection
from ._errors import HotcellError, Refused
from ._request import encode, execution
from ._types import known, moment
from ._wire import Call, decode, read_as

_JOB_ID = re.compile(r"[A-Z2-7]+")
_WAIT_S = 20  # of one request


class Webhook(TypedDict, total=False):
    """Who is told when a job has ended, if the server may."""

    url: str
    secret_name: str


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as the server describes it."""

    id: str
    kind: str  # "execute" or "batch"
    status: str  # "queued", "running", "done", "cancelled", "expired" or "lost"
    created_at: datetime
    expires_at: datetime  # when it is too late to begin
    started_at: datetime | None
    ended_at: datetime | None
    attempts: int  # how often it was begun
    answer: Answer | None  # of a script that was run
    problem: Refused | None  # why it was not
    reason: str = ""  # why it was cancelled, has expired or is lost

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.status not in ("queued", "running")

    def _answer(self) -> Answer:
        if self.problem is not None:
            raise self.problem
        if self.answer is None:
            raise JobEnded(self)
        return self.answer


class JobEnded(HotcellError):
    """The job has ended without an answer: it was cancelled, has expired, or is lost. `state` says more."""

    def __init__(self, state: JobState) -> None:
        super().__init__(state)
        self.state = state

    def __str__(self) -> str:
        return f"job {self.state.id} is {self.state.status}: {self.state.reason}"


def submission(
    script: str, options: Mapping[str, Any], expires_s: int | None, key: str | None, webhook: Webhook | None
) -> Call[JobState]:
    body: dict[str, Any] = {
        "execute": execution(script, options),
        "idempotency_key": key or secrets.token_hex(16),  # so that sending it again makes no other job
    }
    if expires_s is not None:
        body["expires_s"] = expires_s
    if webhook is not None:
        body["webhook"] = webhook
    return Call("POST", "/jobs", _as_job, encode(body))


def show(job_id: str, wait_s: int = 0) -> Call[JobState]:
    return Call("GET", f"{_path(job_id)}?wait_s={wait_s}", _as_job, run_s=wait_s)


def _cancel(job_id: str) -> Call[JobState]:
    return Call("DELETE", _path(job_id), _as_job)


def _path(job_id: str) -> str:
    if not _JOB_ID.fullmatch(job_id):  # otherwise it could change the URL
        raise ValueError(f"{job_id!r} is not the id of a job")
    return f"/jobs/{job_id}"


def _as_job(content: bytes) -> JobState:
    return read_as(_read, decode(content))


def _read(data: Mapping[str, Any]) -> JobState:
    def at(name: str) -> datetime | None:
        return None if data[name] is None else moment(data[name])

    return known(
        JobState,
        data,
        created_at=moment(data["created_at"]),
        expires_at=moment(data["expires_at"]),
        started_at=at("started_at"),
        ended_at=at("ended_at"),
        answer=read_answer(data["answer"]) if "answer" in data else None,
        problem=Refused(data["problem"]) if "problem" in data else None,
    )


class _Left:
    """How long to wait for a job, in requests that take some seconds each."""

    def __init__(self, timeout_s: float | None) -> None:
        self._end = None if timeout_s is None else time.monotonic() + timeout_s

    def next(self, job_id: str) -> int:
        if self._end is None:
            return _WAIT_S
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"job {job_id} has not ended yet")
        return max(1, min(_WAIT_S, int(left)))


class Job:
    """A job on the server, which survives this process and the server's."""

    def __init__(self, connection: Connection, state: JobState) -> None:
        self._connection = connection
        self.id = state.id

    def state(self) -> JobState:
        """Asks the server how far the job is."""
        return self._connection.do(show(self.id))

    def wait(self, timeout_s: float | None = None) -> Answer:
        """Waits until the job has ended, and returns its answer, however the script ended.

        Raises `Refused` if the script was not run, `JobEnded` if the job was cancelled,
        has expired or is lost, and `TimeoutError` if it has not ended in time.
        """
        left = _Left(timeout_s)
        while not (state := self._connection.do(show(self.id, left.next(self.id)))).over:
            pass
        return state._answer()

    def cancel(self) -> JobState:
        """Cancels the job, also while it runs. One that has ended stays as it is."""
        return self._connection.do(_cancel(self.id))


class AsyncJob:
    """A `Job` for async and await: `await job` is `await job.wait()`."""

    def __init__(self, connection: AsyncConnection, state: JobState) -> None:
        self._connection = connection
        self.id = state.id

    async def state(self) -> JobState:
        """Like `Job.state`."""
        return await self._connection.do(show(self.id))

    async def wait(self, timeout_s: float | None = None) -> Answer:
        """Like `Job.wait`."""
        left = _Left(timeout_s)
        while not (state := await self._connection.do(show(self.id, left.next(self.id)))).over:
            pass
        return state._answer()

    async def cancel(self) -> JobState:
        """Like `Job.cancel`."""
        return await self._connection.do(_cancel(self.id))

    def __await__(self) -> Generator[Any, None, Answer]:
        return self.wait().__await__()
