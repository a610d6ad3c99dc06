"""Exceptions other than those for how a script ended, which are in `_answer`.

Failures of the connection are httpx's own exceptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._types import ErrorInfo, FieldError, Status, Verdict, known, optional


class HotcellError(Exception):
    """The base class of all exceptions that this package raises."""


class UnexpectedAnswer(HotcellError):
    """The answer does not follow hotcell's contract: it came from a proxy or another server."""


class UnsafePath(HotcellError):
    """A file's path leads out of the directory in which it should be saved."""


class Refused(HotcellError):
    """The server refused the request. `problem` is the complete problem that it sent."""

    def __init__(self, problem: Mapping[str, Any], retry_after: float | None = None) -> None:
        super().__init__(problem, retry_after)
        self.problem = problem
        self.retry_after = retry_after  # seconds; None if a retry would not help
        self.status: int = problem["status"]  # the HTTP status
        self.code: str = problem["code"]
        self.detail: str = problem.get("detail", "")
        self.request_id: str = problem.get("request_id", "")
        self.errors = tuple(known(FieldError, error) for error in problem.get("errors", ()))
        self.error = optional(ErrorInfo, problem.get("error"))  # for a script that does not compile
        self.stdout: str = problem.get("stdout", "")  # for a script without main
        self.stderr: str = problem.get("stderr", "")
        verdict = problem.get("verdict")  # for a session whose jail has ended
        self.verdict = known(Verdict, verdict, status=Status.read(verdict["status"])) if verdict else None

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"
