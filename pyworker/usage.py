"""Lets psutil tell of a process what it can know of itself without /proc.

psutil.Process() is what scripts ask for their memory. The kernel tells a process much of
that by system calls, so psutil's own class gets these answers; what is left, and other
processes, are refused by the error that psutil has for it. Processes can be signaled and
waited for.
"""

import functools
import os
import resource
import sys
import threading
from typing import Any

from pyworker import module

_WHY = "a cell has no /proc: psutil knows a process itself, and not all of it"


def change(linux: Any) -> None:
    """Changes psutil._pslinux."""
    base = linux.Process
    methods = {
        name: _of_closed(linux, method)
        for name, method in vars(base).items()
        if callable(method) and (not name.startswith("_") or name in _OWN)
    }
    methods.update({name: _of_own(method, methods.get(name)) for name, method in _OWN.items()})
    methods["memory_info"] = _of_own(functools.partial(_memory, linux, "pmem"), methods["memory_info"])
    methods["memory_full_info"] = _of_own(functools.partial(_memory, linux, "pfullmem"), methods["memory_full_info"])
    linux.Process = type("Process", (base,), {"__slots__": (), "__module__": base.__module__, **methods})
    linux.pids = lambda: [os.getpid()]
    linux.pid_exists = linux._psposix.pid_exists


def _of_closed(linux: Any, method: Any) -> Any:
    """Has a method say that a process is closed, instead of that there is none, or no such system call."""

    @functools.wraps(method)
    def asked(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except (linux.NoSuchProcess, OSError):
            if not linux._psposix.pid_exists(self.pid):
                raise
        raise linux.AccessDenied(self.pid, None, _WHY)

    return asked


def _of_own(own: Any, other: Any) -> Any:
    """Answers for this process itself, and as before for others."""

    def asked(self: Any, *args: Any, **kwargs: Any) -> Any:
        return own() if self.pid == os.getpid() else other(self, *args, **kwargs)

    return functools.wraps(other)(asked)


def _memory(linux: Any, kind: str) -> Any:
    """The most that this process has had: the kernel says no other figure."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    made: Any = getattr(linux, kind, None) or getattr(linux.ntp, kind)
    known = {"rss": most, "vms": most, "data": most, "uss": most, "pss": most}
    return made(*(known.get(field, 0) for field in made._fields))


def _stat() -> dict[str, Any]:
    """What is in /proc/self/stat, in its units."""
    ticks = os.sysconf("SC_CLK_TCK")
    times = os.times()
    return {
        "name": os.path.basename(sys.executable).encode(),
        "status": b"R",
        "ppid": os.getppid(),
        "ttynr": 0,
        "utime": times.user * ticks,
        "stime": times.system * ticks,
        "children_utime": times.children_user * ticks,
        "children_stime": times.children_system * ticks,
        "create_time": _begun() * ticks,
        "cpu_num": 0,
        "blkio_ticks": 0,
    }


@functools.cache
def _begun() -> float:
    """When the script began, in seconds since what /proc/stat has as the machine's start."""
    with open("/proc/stat", "rb") as file:
        booted = next(int(line.split()[1]) for line in file if line.startswith(b"btime"))
    try:
        begun = os.stat(module.FILE).st_mtime  # it is written then
    except OSError:  # a later call of a session
        begun = os.stat(module.DIRECTORY).st_mtime
    return max(begun - booted, 0)


def _status() -> bytes:
    """What is in /proc/self/status, so far as psutil reads it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    uids, gids = ("\t".join(map(str, ids)) for ids in (os.getresuid(), os.getresgid()))
    return (
        f"Uid:\t{uids}\t{os.geteuid()}\nGid:\t{gids}\t{os.getegid()}\nThreads:\t{threading.active_count()}\n"
        f"voluntary_ctxt_switches:\t{used.ru_nvcsw}\nnonvoluntary_ctxt_switches:\t{used.ru_nivcsw}\n"
    ).encode()


def _descriptors() -> int:
    number = 0
    for fd in range(resource.getrlimit(resource.RLIMIT_NOFILE)[0]):
        try:
            os.fstat(fd)
            number += 1
        except OSError:
            continue
    return number


# The methods of psutil's class that others there use, and what of /proc has no such method.
_OWN: dict[str, Any] = {
    "_parse_stat_file": _stat,
    "_read_status_file": _status,
    "_raise_if_not_alive": lambda: None,
    "oneshot_enter": lambda: None,
    "oneshot_exit": lambda: None,
    "exe": lambda: sys.executable,
    "cmdline": lambda: [sys.executable, *sys.argv],
    "environ": lambda: dict(os.environ),
    "cwd": os.getcwd,
    "num_fds": _descriptors,
}
