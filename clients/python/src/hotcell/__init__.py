"""A client for hotcell, which runs Python that you do not trust in warm jails.

import hotcell

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
from ._default import batch, capacity, execute, info, run, session, stream, submit
from ._errors import HotcellError, Refused, UnexpectedAnswer, UnsafePath
from ._files import SessionFile
from ._job import AsyncJob, Job, JobEnded, JobState, Webhook
from ._request import FileContent, FilesIn, Limits, Options, SessionOptions
from ._session import AsyncSession, Session
from ._shown import Shown
from ._stream import Event
from ._types import ErrorInfo, FieldError, Output, SessionState, Status, Timing, Truncated, Usage, Verdict
from ._version import __version__

__all__ = [
    "Answer",
    "AsyncClient",
    "AsyncJob",
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
    "FilesIn",
    "HotcellError",
    "Job",
    "JobEnded",
    "JobState",
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
    "Webhook",
    "__version__",
    "batch",
    "capacity",
    "execute",
    "info",
    "run",
    "session",
    "stream",
    "submit",
]

# Tracebacks name exceptions as users import them: hotcell.TimeLimit.
for _name in __all__:
    _kind = globals()[_name]
    if isinstance(_kind, type) and issubclass(_kind, HotcellError):
        _kind.__module__ = __name__
del _name, _kind
