"""Batches: many runs in one request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from ._answer import Answer, read_answer
from ._errors import Refused, UnexpectedAnswer
from ._request import FilesIn, Limits, encode, execution
from ._wire import STREAM, Call, decode, read_as, refuse

# One request has at most so much, if its scripts and each case allow it: the server then
# reads it as a whole, and httpx may send it before it reads the answer.
_MOST_BYTES, _MOST_CASES = 4 << 20, 1000


class Case(TypedDict, total=False):
    """What a script runs with."""

    args: list[Any] | tuple[Any, ...]
    kwargs: dict[str, Any]
    stdin: str
    files: FilesIn
    expected_stdout: str


class BatchOptions(TypedDict, total=False):
    """Options of `batch`."""

    mode: str
    limits: Limits
    profile: str
    compare: str  # how stdout is compared with expected_stdout: "trim", "exact", "tokens" or "float"
    stop_on_failure: bool  # a script's first verdict other than "accepted" ends its part of the batch


@dataclass(frozen=True, slots=True)
class BatchRun:
    """What came of a script with a case."""

    script: int  # its index
    case: int  # its index
    verdict: str  # "accepted", "wrong_answer", "timeout", …, or "infra_error", which says nothing about the script
    answer: Answer | None  # None if there is a problem
    problem: Refused | None


class Batch:
    """A batch, as requests that are sent one after the other, and the reader of their answers."""

    def __init__(self, script: str | list[str], cases: Iterable[Case], options: Mapping[str, Any]) -> None:
        self._scripts = [script] if isinstance(script, str) else list(script)
        self._active = list(range(len(self._scripts)))
        self._failed: set[int] = set()
        self._cases = cases
        self._options = options
        self._first = 0  # the index of the request's first case
        self._begun: list[bytes] = []
        self._ended = False

    def calls(self) -> Iterator[Call[None]]:
        """Yields the requests. Each is answered before the next is taken."""
        encoded: list[bytes] = []
        count = 0
        size = head = len(encode({"scripts": self._scripts}))
        for case in self._cases:
            body = execution("", case)
            del body["script"]
            text = encode(body)
            if encoded and (size + len(text) > _MOST_BYTES or len(encoded) >= _MOST_CASES):
                yield self._call(encoded, count)
                count, size, encoded = count + len(encoded), head, []
                self._active = [index for index in self._active if index not in self._failed]
                if not self._active:
                    return
            encoded.append(text)
            size += len(text) + 1
        if encoded or count == 0:
            yield self._call(encoded, count)

    def _call(self, encoded: list[bytes], first: int) -> Call[None]:
        self._first, self._ended = first, False
        scripts = [self._scripts[index] for index in self._active]
        head = encode({"scripts": scripts, **self._options})
        body = head[:-1] + b',"cases":[' + b",".join(encoded) + b"]}"
        return Call("POST", "/batches", lambda _: None, body, accept=STREAM)

    def feed(self, piece: bytes) -> Iterator[BatchRun]:
        *lines, rest = piece.split(b"\n")
        for line in lines:
            run = read_as(self._read, decode(b"".join([*self._begun, line])))
            self._begun.clear()
            if run is not None:
                yield run
        self._begun.append(rest)

    def end(self) -> None:
        if not self._ended:
            raise UnexpectedAnswer("the batch ended without its last line")
        self._begun.clear()

    def _read(self, line: Mapping[str, Any]) -> BatchRun | None:
        problem = line["problem"]
        if "counts" in line:
            self._ended = True
            if problem is not None:
                refuse({**problem, "detail": self._place(problem["detail"])})
            return None
        script, verdict = self._active[line["script"]], str(line["verdict"])
        if self._options.get("stop_on_failure") and verdict != "accepted":
            self._failed.add(script)
        return BatchRun(
            script,
            self._first + int(line["case"]),
            verdict,
            None if line["answer"] is None else read_answer(line["answer"]),
            None if problem is None else read_as(Refused, problem),
        )

    def _place(self, detail: str) -> str:
        """Counts cases from the first one of all requests."""
        return re.sub(r"^/cases/(\d+)", lambda found: f"/cases/{self._first + int(found[1])}", detail)
