"""A client for hotcell, which runs Python that you do not trust in warm jails.

from hotcell import Client

with Client("http://127.0.0.1:8080") as hotcell:
    assert hotcell.run("def main(a): return a * 2", args=[21]) == 42
"""

from ._answer import (
    Answer,
    Exited,
    Killed,
    MemoryLimit,
    NotJSON,
    OutputLimit,
    RunError,
    ScriptError,
    TimeLimit,
)
from ._batch import BatchOptions, BatchRun, Case
from ._client import AsyncClient, Client
from ._errors import HotcellError, Refused, UnexpectedAnswer, UnsafePath
from ._files import SessionFile
from ._request import FileContent, Limits, Options, SessionOptions
from ._session import AsyncSession, Session
from ._shown import Shown
from ._stream import Event
from ._types import ErrorInfo, FieldError, Output, SessionState, Status, Timing, Truncated, Usage, Verdict
from ._version import __version__

__all__ = [
    "Answer",
    "AsyncClient",
    "AsyncSession",
    "BatchOptions",
    "BatchRun",
    "Case",
    "Client",
    "ErrorInfo",
    "Event",
    "Exited",
    "FieldError",
    "FileContent",
    "HotcellError",
    "Killed",
    "Limits",
    "MemoryLimit",
    "NotJSON",
    "Options",
    "Output",
    "OutputLimit",
    "Refused",
    "RunError",
    "ScriptError",
    "Session",
    "SessionFile",
    "SessionOptions",
    "SessionState",
    "Shown",
    "Status",
    "TimeLimit",
    "Timing",
    "Truncated",
    "UnexpectedAnswer",
    "UnsafePath",
    "Usage",
    "Verdict",
    "__version__",
]
