"""What can be raised, beside httpx's own exceptions about the connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._types import ErrorInfo, FieldError, Status, Verdict, known, optional

if TYPE_CHECKING:
    from ._answer import Answer


class HotcellError(Exception):
    """The base of what this package raises."""


class UnexpectedAnswer(HotcellError):
    """What answered does not speak hotcell's contract: a proxy, or another server."""


class UnsafePath(HotcellError):
    """A file's path leads out of the directory that it was to be saved in."""


class Refused(HotcellError):
    """The server did not take the request. `problem` is the whole of what it said."""

    def __init__(self, problem: Mapping[str, Any], retry_after: float | None = None) -> None:
        super().__init__(problem, retry_after)
        self.problem = problem
        self.retry_after = retry_after  # seconds; None: trying again would not help
        self.status: int = problem["status"]  # of HTTP
        self.code: str = problem["code"]
        self.detail: str = problem.get("detail", "")
        self.request_id: str = problem.get("request_id", "")
        self.errors = tuple(known(FieldError, error) for error in problem.get("errors", ()))
        self.error = optional(ErrorInfo, problem.get("error"))  # of a script that does not compile
        self.stdout: str = problem.get("stdout", "")  # of a script without main
        self.stderr: str = problem.get("stderr", "")
        verdict = problem.get("verdict")  # of a session whose jail has ended
        self.verdict = known(Verdict, verdict, status=Status.read(verdict["status"])) if verdict else None

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class RunError(HotcellError):
    """The script was run, and its status is not "ok". `answer` has all that is known."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer

    def __str__(self) -> str:
        answer = self.answer
        parts = [f"status {answer.status}"]
        if answer.error is not None:
            parts = [f"{answer.error.type}: {answer.error.message}"]
            if answer.error.line is not None:
                parts.append(f"line {answer.error.line} of the script")
        for name in ("limit", "exit_code", "signal"):
            if (value := getattr(answer, name)) is not None:
                parts.append(f"{name} {value}")
        return ", ".join(parts)


class ScriptError(RunError):
    """The script, or its main, raised an exception: `answer.error`."""


class NotJSON(RunError):
    """main returned what JSON cannot hold."""


class TimeLimit(RunError):
    """Wall clock or CPU time ran out."""


class MemoryLimit(RunError):
    """The jail's memory ran out."""


class OutputLimit(RunError):
    """stdout, stderr, the result or the collected files were too large."""


class Exited(RunError):
    """The process ended by itself before main returned."""


class Killed(RunError):
    """The process died of a signal."""


_BY_STATUS: dict[Status | str, type[RunError]] = {
    Status.EXCEPTION: ScriptError,
    Status.NOT_JSON: NotJSON,
    Status.TIMEOUT: TimeLimit,
    Status.MEMORY_LIMIT: MemoryLimit,
    Status.OUTPUT_LIMIT: OutputLimit,
    Status.EXITED: Exited,
    Status.KILLED: Killed,
}


def run_error(answer: Answer) -> RunError:
    return _BY_STATUS.get(answer.status, RunError)(answer)
