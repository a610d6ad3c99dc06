"""A cell: isolates itself, sends READY, and runs one script.

It starts as a fork of the zygote (or, in spawn mode exec, as the only interpreter of
its jail) with the jail's namespaces and read-only root, and with capabilities in the
jail's user namespace, which it drops before READY.
"""

import base64
import builtins
import json
import os
import resource
import socket
import sys
import time
from typing import Any, NoReturn

from pyworker import (
    aborts,
    children,
    errors,
    files,
    frames,
    fresh,
    interrupt,
    isolation,
    linux,
    module,
    outputs,
    printing,
    results,
    script,
    streams,
    system,
    terminal,
    transfer,
)

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

WORK = module.WORK
# The kernel also counts these for the owner of the jail's user namespace, which is root
# on many hosts, so that one cell could use them up for all. The core limit is 1 byte
# rather than 0, because that also stops programs that the kernel pipes cores to, core(5).
_LIMITS: tuple[tuple[int, int], ...] = (
    (resource.RLIMIT_SIGPENDING, 128),
    (resource.RLIMIT_MEMLOCK, 64 << 10),
    (resource.RLIMIT_MSGQUEUE, 0),
    (resource.RLIMIT_CORE, 1),
)
_CHANNEL = 3

_exit, _getpid, _read, _write = os._exit, os.getpid, os.read, os.write
_send_frame, _send, _read_frame = frames.write, frames.send, frames.read
_RUN, _RESULT, _FILE, _INTERRUPT = frames.RUN, frames.RESULT, frames.FILE, frames.INTERRUPT
_OF_TRANSFERS, _transfer = (frames.TRANSFER, frames.PIECE), transfer.answer
_allow_interrupts, _run_call = interrupt.allow, interrupt.run
_Exit, _judge, _head, _encode_plain = script.Exit, script.judge, script.head, results.encode_plain
_OverLimit, _collect, _list, _describe = files.OverLimit, files.collect, list, errors.describe
_begin, _finish = outputs.begin, outputs.finish
_begin_printing, _let_out = printing.begin, printing.let_out
_flush, _drop = module.flush, module.drop


class Steps:
    """Records the current step of the start, and how long earlier ones took."""

    def __init__(self) -> None:
        self.now, self.since = "wait for GO", time.perf_counter()
        self.took_us: dict[str, int] = {}

    def begin(self, name: str) -> None:
        now = time.perf_counter()
        self.took_us[self.now] = int((now - self.since) * 1e6)
        self.now, self.since = name, now


def prepare(seccomp: str, print_through: bool, threads: bool) -> str:
    """Prepares what all cells share, once in the zygote. Returns why each print is a system call, if so."""
    isolation.prepare(base64.b64decode(seccomp), threads)
    linux.unbuffer_c_stdio()
    why = streams.open_all(print_through)
    interrupt.forbid()
    sys.argv = ["script.py"]
    module.prepare()
    system.prepare()
    aborts.prepare()
    children.prepare()
    return why


def rehearse(source: str) -> None:
    """Runs the warm-up script as if it were a request, so that its pages and caches are warm."""
    text = source.encode()
    head = {"script_bytes": len(text), "args_bytes": 2, "kwargs_bytes": 2, "env": {}, "result_bytes": 1 << 20}
    status, error, _ = script.judge(script.parse(json.dumps(head).encode() + b"\n" + text + b"[]{}"))
    script.head(status, error)
    script.forget()
    if status != "ok":
        raise RuntimeError(f"the warm-up script ended with {status}: {error}")


def main(spawn: dict[str, Any], warmup: str) -> NoReturn:
    """Runs the cell until its process exits."""
    steps, serving = Steps(), False
    try:
        disk = isolation.enter(steps)
        if spawn["rehearse"]:
            steps.begin("rehearse")
            rehearse(warmup)
        steps.begin("reseed")
        fresh.reseed(untouched=not spawn["rehearse"])
        steps.begin("ready")
        aborts.install()
        children.begin()
        sent = [disk, *system.open_output(), *printing.make_log()]
        ready = frames.encode(frames.READY, json.dumps({"steps_us": steps.took_us}).encode())
        channel = socket.socket(fileno=_CHANNEL)
        socket.send_fds(channel, [ready], sent)
        channel.detach()
        for fd in sent:
            os.close(fd)
        serving = True
        _limit(spawn)
        while _serve():
            pass
    except EOFError:
        _exit(0)  # the supervisor is gone or does not need this cell
    except BaseException as error:
        if not serving:
            frames.write(_CHANNEL, frames.failed(spawn["cell"], steps.now, error))
        _exit(1)
    _exit(0)


def _limit(spawn: dict[str, Any]) -> None:
    """Lowers resource limits and reads them back.

    This happens after READY: if all cells share one uid, they share its counts, and a
    cell that has used up its limits must not keep others from being created.
    """
    own = ((resource.RLIMIT_NOFILE, spawn["files"]), (resource.RLIMIT_NPROC, spawn["tasks"]))
    for limit, most in (*_LIMITS, *own):
        _lower(limit, most)


def _lower(limit: int, most: int) -> None:
    hard = resource.getrlimit(limit)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(limit, (most, most))
    if resource.getrlimit(limit) != (most, most):
        raise RuntimeError(f"limit {limit} is not {most}")


def _receive() -> tuple[Any, Exception | None]:
    """Returns the next request, once its files are written, and the error if one could not be."""
    refused = None
    sent: set[str] = set()
    while True:
        kind, payload = _read_frame(_CHANNEL, frames.MAX_RUN_BYTES)
        if kind == _RUN:
            if sent:
                module.put_beside(sent)
            return payload, refused
        if kind == _INTERRUPT:  # of the call before, which had ended
            continue
        if kind in _OF_TRANSFERS:
            _send_frame(_CHANNEL, _transfer(kind, payload, WORK))
            continue
        if kind != _FILE:
            raise frames.FrameError(f"frame {kind} instead of RUN")
        try:
            sent.add(files.store(payload, WORK))
        except Exception as error:
            refused = refused or error


def _prepare(payload: frames.Octets) -> Any:
    """Parses the request and sets up its environment and stdin."""
    request = script.parse(payload)
    if memory := request.get("memory_bytes"):
        system.tell_memory(memory)
    if tasks := request.get("tasks"):
        _lower(resource.RLIMIT_NPROC, tasks)
    module.fill_file(request["script"])
    if env := request.get("env"):  # an update with nothing takes 0.1 ms, the first time
        os.environ.update(env)
        if "TZ" in env:
            time.tzset()
    stdin = request.pop("stdin")
    if stdin or request.get("call", 0) > 1:
        file = system.put_stdin(stdin)
        os.dup2(file, 0)
        os.close(file)
    if request.get("call", 0) > 1:  # drops what the previous call left unread
        streams.open_stdin()
    _begin_printing(live=bool(request.get("live") or request.get("tty")))
    if request.get("tty"):
        terminal.attach(_CHANNEL)
    return request


def _serve() -> bool:
    """Runs one script and answers. Only this process may answer. Returns whether another may follow."""
    own_pid, limit, request, code, over = _getpid(), "result", None, None, False
    kept: list[tuple[str, frames.Octets]] = []
    payload, refused = _receive()
    try:
        request = _prepare(payload)
        payload = b""  # otherwise it would count while the script runs
        if refused:
            raise refused
        _begin(request, _CHANNEL)
        judge = terminal.judge if request.get("tty") else _judge
        try:
            if request.get("call"):
                status, error, value = _run_call(judge, request, _CHANNEL)
            else:
                _allow_interrupts()
                status, error, value = judge(request)
        finally:
            over = _finish()
    except _Exit as wish:
        status, error, value, code = "exited", None, b"null", wish.code
    except BaseException as raised:  # files that do not fit; arguments too deep or too large; a late hook
        status, error, value = "exception", _describe(raised), b"null"
    if over:
        status, error, value, limit, code = "output_limit", None, b"null", "outputs", None
    try:
        if request and not request.get("call") and ("collect" in request or request.get("mode") == "program"):
            _drop()
        if request and "collect" in request and _getpid() == own_pid:
            _flush()
            kept = _list(_collect(request["collect"], WORK))
    except _OverLimit as excess:
        status, error, value, limit = "output_limit", _describe(excess), b"null", "files"
    except BaseException as raised:  # a late hook
        status, error, value = "exception", _describe(raised), b"null"
    if _getpid() != own_pid:  # a child that the script forked returned from main
        if error and not (request and request.get("mode") == "program"):
            _write(2, error["traceback"].encode("utf-8", "replace"))
        _exit(code or (0 if status == "ok" else 1))
    if code is not None and request and request.get("tty"):
        _exit(code)
    _let_out()  # what the encoding of the result has printed, so that it is not the next call's
    for path, content in kept:
        _send(_CHANNEL, _FILE, _encode_plain({"path": path}) + b"\n", content)
    _send(_CHANNEL, _RESULT, _head(status, error, limit, code), value)
    if request and request.get("call"):
        return True
    _read(_CHANNEL, 1)  # wait for the kill; if the script closed the channel, this returns at once
    return False
