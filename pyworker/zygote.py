"""The zygote: imports and warms up, then creates cells.

No tenant's data ever reaches this process, and it stays single-threaded: it only
forks. Its stdin is its channel to the supervisor. Output that libraries print while
they load goes to the log.
"""

import _signal  # type: ignore[import-not-found]  # module signal makes an enumeration of each result
import base64
import importlib
import json
import os
import platform
import resource
import select
import selectors
import signal
import socket
from types import FrameType
from typing import Any, NoReturn

from pyworker import (
    cell,
    forks,
    frames,
    fresh,
    installed,
    isolation,
    landlock,
    linux,
    loop,
    memory,
    network,
    notebook,
    packing,
    processes,
    results,
    snapshot,
    system,
)

_WARM_ROUNDS = 20
_SIGCHLD = (signal.SIGCHLD,)
_MAX_SPAWN_BYTES = 4096  # more than it ever has; a buffer for the largest packet would be mapped and unmapped each time


class Zygote:
    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.start: dict[str, Any] = {}
        self.cells: dict[int, int] = {}  # pid to cell
        self.own_pid_namespace = os.pidfd_open(os.getpid())
        self.fork_process = os.fork
        self.threaded = ""  # the step after which there was more than one thread

    def load(self) -> None:
        """Imports, warms up, and sends HELLO."""
        step = "START"
        try:
            kind, payload = frames.decode_packet(self.control.recv(frames.MAX_CONTROL_BYTES))
            self.start = json.loads(payload)
            if kind != frames.START or self.start["protocol"] != frames.PROTOCOL:
                raise frames.FrameError(f"frame {kind} with {payload[:100]!r} instead of START")
            step = "terminals"
            terminals = linux.private_terminals(isolation.BOX)
            if self.start["mode"] == "exec":
                # Otherwise they are init's, which on a busy machine ends them late: its cgroup is not the cell's.
                linux.adopt_orphans()
            step = "seccomp of the zygote"
            linux.no_new_privileges()
            linux.load_seccomp(base64.b64decode(self.start["zygote_seccomp"]))
            _choose_selector()
            network.prepare()
            fork = self.start["mode"] == "fork"
            reserved = memory.reserve() if fork else []
            with processes.decisions():
                for name in self.start["preload"]:
                    step = f"import {name}"
                    importlib.import_module(name)
                    self.count_threads(step)
            step = "prepare"
            processes.prepare()
            print_through = cell.prepare(self.start["seccomp"], bool(self.start.get("print_through")), threads=not fork)
            results.prepare()
            if fork:
                step = "IPython"
                notebook.prepare()
                self.count_threads(step)
            step = "warm up"
            if self.start.get("snapshot"):  # otherwise it gains too little for the 0.2 s that it takes
                packing.pack(self.warm_up, rounds=2)
            for _ in range(_WARM_ROUNDS):
                self.warm_up()
            fresh.prepare()
            self.count_threads(step)
            forks.watch_no_more()
            step = f"make the zygote's {isolation.BOX} read-only"  # each cell mounts its own
            linux.make_read_only(isolation.BOX)
            step = "landlock"
            landlock.prepare(self.start.get("landlock"))
            step = "drop the bounding set"
            linux.drop_bounding_set()
        except BaseException as error:  # including a warm-up script that exits
            self.control.send(frames.failed(0, step, error))
            os._exit(1)
        packages, requested = installed.packages(self.start["preload"])
        hello = {"protocol": frames.PROTOCOL, "python": platform.python_version(), "packages": packages}
        hello["requested"] = requested
        if self.threaded:
            hello["threaded"] = self.threaded
        if print_through:
            hello["print_through"] = print_through
        if fork:
            if why := self.choose_fork():
                hello["os_fork"] = why
            reserved.clear()
            memory.settle(collapse=not self.start.get("snapshot"))
        packet = frames.encode(frames.HELLO, json.dumps(hello).encode())
        socket.send_fds(self.control, [packet], [self.own_pid_namespace, terminals])
        os.close(terminals)

    def warm_up(self) -> None:
        cell.rehearse(self.start["warmup"])
        fresh.reseed()  # OpenSSL's first random number takes 3 ms

    def choose_fork(self) -> str:
        """Returns why cells are forked by os.fork, or nothing: C's fork() is enough."""
        if self.start.get("os_fork"):
            return "the setting no_shortcuts"
        why = forks.choose()
        if not why:
            self.fork_process = forks.fork
        return why

    def count_threads(self, step: str) -> None:
        if not self.threaded and linux.has_threads():
            self.threaded = step

    def serve(self) -> None:
        """Creates cells until the supervisor closes the channel."""
        signal.signal(signal.SIGCHLD, self.reap)
        while True:
            packet, fds, _, _ = socket.recv_fds(self.control, _MAX_SPAWN_BYTES, 1)
            if not packet:
                return
            kind, payload = frames.decode_packet(packet)
            if kind == frames.SNAPSHOT:
                if self.take_snapshot():
                    return
                continue
            if kind != frames.SPAWN or len(fds) != 1:
                raise frames.FrameError(f"frame {kind} with {len(fds)} descriptors instead of SPAWN with one")
            spawn = json.loads(payload)
            if self.start["mode"] == "exec":
                self.tell_spawned(spawn["cell"], os.getpid())
                self.prepare(spawn, fds)
                self.become(spawn)
            self.fork(spawn, fds)
            for fd in fds:
                os.close(fd)

    def take_snapshot(self) -> bool:
        """Returns whether cells were made since, until the supervisor closed the channel."""
        try:
            return snapshot.take(self.control, self.loop)
        except BaseException as error:  # what has moved so far works, but nobody should have to rely on that
            try:
                self.control.send(frames.failed(0, "snapshot", error))
            finally:
                os._exit(1)

    def loop(self, cgroups: int, file: int, move: tuple[int, ...]) -> bool:
        """Moves, and makes cells by machine code, if it can: see loop.py."""
        if self.fork_process is not forks.fork or not (fds := loop.free_descriptors(file)):
            return False
        _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)  # the kernel ends children from now on
        self.reap(0, None)
        if spawn := loop.Loop(self.control, self.own_pid_namespace, fds, cgroups).run(move, file):
            self.become(spawn)
        return True

    def fork(self, spawn: dict[str, Any], fds: list[int]) -> None:
        """Forks a cell as pid 1 of a pid namespace of its own."""
        _signal.pthread_sigmask(_signal.SIG_BLOCK, _SIGCHLD)
        ruleset: list[int] = []
        try:
            ruleset = self.prepare(spawn, fds)
            linux.unshare(linux.CLONE_NEWPID)
            try:
                pid = self.fork_process()
                if pid == 0:
                    self.become(spawn)
                self.cells[pid] = spawn["cell"]
            finally:  # unshare(CLONE_NEWPID) fails until children are created in this namespace again
                linux.setns(self.own_pid_namespace, linux.CLONE_NEWPID)
            self.tell_spawned(spawn["cell"], pid)
        except OSError as error:
            self.control.send(frames.failed(spawn["cell"], "fork", error))
        finally:
            for fd in ruleset:
                os.close(fd)
            _signal.pthread_sigmask(_signal.SIG_UNBLOCK, _SIGCHLD)

    def prepare(self, spawn: dict[str, Any], fds: list[int]) -> list[int]:
        """Prepares for the next cell. Returns the descriptor of its ruleset, if there is one."""
        system.expect(spawn["memory_bytes"])
        ruleset = landlock.make_ruleset()
        isolation.plan(spawn, fds + ruleset)
        return ruleset

    def become(self, spawn: dict[str, Any]) -> NoReturn:
        """Turns this process into a cell and never returns, whatever a script's hooks raise."""
        try:
            cell.main(spawn, self.start["warmup"])
        finally:
            os._exit(1)

    def tell_spawned(self, number: int, pid: int) -> None:
        pidfd = os.pidfd_open(pid)
        socket.send_fds(self.control, [frames.encode(frames.SPAWNED, b'{"cell":%d}' % number)], [pidfd])
        os.close(pidfd)

    def reap(self, signum: int, frame: FrameType | None) -> None:
        """Reports how cells ended. A packet is sent whole, so this may interrupt another send, and itself."""
        while self.cells:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:  # the interrupted call has already waited for the last one
                return
            if pid == 0:
                return
            self.control.send(frames.exited(self.cells.pop(pid), status))


def _choose_selector() -> None:
    """Chooses the default selector again: the module chose before the filter was loaded,
    which denies epoll if all cells share one uid."""
    try:
        select.epoll().close()
    except OSError:
        selectors.DefaultSelector = selectors.PollSelector  # type: ignore[misc, assignment]


def main() -> None:
    control = socket.socket(fileno=os.dup(0))
    # Descriptors in flight through sockets are counted by uid, and sending one fails if
    # the count exceeds the sender's own limit, unix(7). Cells, which may share our uid,
    # have lower limits than this process needs.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    zygote = Zygote(control)
    zygote.load()
    zygote.serve()
