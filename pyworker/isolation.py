"""How a cell isolates itself: a table of system calls, which the zygote writes (calls.py).

What differs between cells is put into it after the fork: the uid, and the numbers of the
descriptors that came with SPAWN. All other descriptors have known numbers, because
each call takes the lowest one that is free.
"""

import _signal  # type: ignore[import-not-found]  # module signal makes an enumeration of each result
import contextlib
import ctypes
import errno
import os
import struct
from typing import Any

from pyworker import calls, frames, landlock, linux, module, snapshot, system

BOX = "/box"  # the cell's own tmpfs; the root has links to it from /tmp and /dev/shm
_INODES = 1 << 16
_CHANNEL, _RULESET = 3, 4
_MOST_CGROUPS = 8
_SIG_SETMASK, _SIGSET_BYTES = 2, 8
_MSG_CMSG_CLOEXEC = 0x40000000
_CMSG_HEADER_BYTES = 16
_MSG_FLAGS_AT, _MSG_CTRUNC = 48, 8  # struct msghdr: where its flags are, and the one for rights that had no room
_GO = frames.encode(frames.GO, b"")
_AT_FDCWD = linux.AT_FDCWD
_CLOCK_MONOTONIC = 1
_TEXT_ROOM = 256

_seccomp = b""
_threads = False
_table: Any = None  # that of the next cell
_planned: tuple[Any, ...] = ()  # what it was made for


def prepare(seccomp: bytes, threads: bool) -> None:
    """Prepares what all tables share, once in the zygote. threads says whether cells may have several at once."""
    global _seccomp, _threads
    _seccomp = seccomp
    _threads = threads
    calls.prepare()


def plan(spawn: dict[str, Any], fds: list[int]) -> None:
    """Makes the table for the next cell, before the fork: there Python has fewer pages to copy."""
    global _table, _planned
    wanted = (spawn["disk_bytes"], spawn["memory_bytes"], len(fds))
    if wanted != _planned:
        _table, _planned = _Table(spawn["disk_bytes"], len(fds) > 1), wanted
    _table.fill(spawn, fds)


def may_be_sent(fds: list[int]) -> bool:
    """Reports whether what came with SPAWN has numbers that no cell uses."""
    return min(fds) > _RULESET


def resume(spawn: dict[str, Any], fds: list[int], entry: "Entry", came: int) -> None:
    """Fills the table in a cell whose first calls were those of an entry, and keeps what came of them."""
    if (spawn["disk_bytes"], spawn["memory_bytes"], len(fds)) != _planned:
        raise RuntimeError(f"SPAWN asks for {spawn}, and the cells before for {_planned}")
    _table.fill(spawn, fds)
    _table.entry, _table.came = entry, came


class Entry(calls.Calls):
    """The first calls of a cell, which the zygote's loop makes: a cell waits for GO, enters its cgroup, by
    as many descriptors as come with that, and copies the pages that it is going to write."""

    def __init__(self, fds: list[int], cgroups: int, populating: tuple[int, ...]) -> None:
        super().__init__()
        self.cgroups = cgroups
        self._time = self.put(bytes(16))
        _table.send(fds)
        begin = _table.go + 1
        self.add_rows(_table, 0, begin)
        self.add("wait for GO", "clock_gettime", _CLOCK_MONOTONIC, self._time)
        self.add_rows(_table, begin, begin + 2 * cgroups)
        self.add_function("cgroup", *populating, want=calls.WHATEVER)
        self.seal()

    def went_at(self) -> float:
        """Returns when GO came, as time.perf_counter does."""
        seconds, nanoseconds = struct.unpack("2q", ctypes.string_at(self._time, 16))
        return float(seconds + nanoseconds * 1e-9)


def enter(steps: Any) -> int:
    """Waits for GO, enters the cell's cgroup, and removes everything that a script must not have.

    Returns a descriptor for resizing the disk. steps is told what is begun.
    """
    try:
        return int(_table.enter(steps))
    except calls.Failed as failed:
        steps.now = failed.step
        raise


class _Table(calls.Calls):
    def __init__(self, disk_bytes: int, has_ruleset: bool) -> None:
        super().__init__()
        self.first = _RULESET + 1 if has_ruleset else _RULESET  # descriptor that is free
        self.disk_bytes = disk_bytes
        self.uid = 0
        self.entry: Entry | None = None
        self.came = 0  # of its calls
        self.add_descriptors(has_ruleset)
        self.add_cgroups()
        self.add_isolation(has_ruleset)
        self.end = self.seal()

    def add_descriptors(self, has_ruleset: bool) -> None:
        """Leaves only /dev/null, the log, and the cell's own descriptors, at known numbers; then reads GO."""
        step = "wait for GO"
        self.add(step, "setsid")  # otherwise a signal to its group would reach its siblings and the zygote
        self.add(step, "rt_sigprocmask", _SIG_SETMASK, bytes(_SIGSET_BYTES), 0, _SIGSET_BYTES)
        self.sent = [self.add(step, "dup3", 0, _CHANNEL, os.O_CLOEXEC)]
        if has_ruleset:
            self.sent.append(self.add(step, "dup3", 0, _RULESET, os.O_CLOEXEC))
        self.close = self.add(step, "close_range", self.first, 0xFFFFFFFF, 0)
        self.packet = self.put(bytes(len(_GO)))
        room = _CMSG_HEADER_BYTES + 4 * _MOST_CGROUPS
        self.rights = self.put(bytes(room))
        io_vector = self.put(struct.pack("2Q", self.packet, len(_GO)))
        self.message = self.put(struct.pack("7Q", 0, 0, io_vector, 1, self.rights, room, 0))
        self.go = self.add(step, "recvmsg", _CHANNEL, self.message, _MSG_CMSG_CLOEXEC, want=len(_GO))

    def add_cgroups(self) -> None:
        cgroups = range(self.first, self.first + _MOST_CGROUPS)
        self.cgroups = struct.pack(f"{_MOST_CGROUPS}i", *cgroups)
        for fd in cgroups:
            self.add("cgroup", "write", fd, b"0", 1, want=1)  # this process moves itself in
            self.add("cgroup", "close", fd)

    def add_isolation(self, has_ruleset: bool) -> None:
        disk = self.first
        unused = disk + 1
        namespaces = linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
        self.isolation = self.add("unshare", "unshare", namespaces)
        step = "open /dev/null"  # the zygote's is one open file for all cells
        self.add(step, "openat", _AT_FDCWD, b"/dev/null", os.O_RDONLY | os.O_CLOEXEC, want=disk)
        self.add(step, "dup3", disk, 0, 0)
        self.add(step, "close", disk)
        step = f"mount {BOX}"
        flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
        self.options = self.put(b"", room=_TEXT_ROOM)
        self.add(step, "mount", b"tmpfs", BOX.encode(), b"tmpfs", flags, self.options)
        self.add(step, "fspick", _AT_FDCWD, BOX.encode(), linux.FSPICK_CLOEXEC, want=disk)
        self.groups = self.add("uid", "setgroups", 0, 0)
        self.users = [self.add("uid", "setresgid"), self.add("uid", "setresuid")]
        self.add("capabilities", "capset", *linux.NO_CAPABILITIES)
        self.add("no_new_privs", "prctl", linux.PR_SET_DUMPABLE, 0, 0, 0, 0)
        self.add("no_new_privs", "prctl", linux.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        step = "directories"
        for name, mode in (("work", 0o700), ("tmp", 0o1777), ("shm", 0o1777)):
            self.add(step, "mkdirat", _AT_FDCWD, f"{BOX}/{name}".encode(), mode)
        self.add(step, "mkdirat", _AT_FDCWD, system.OWN.encode(), 0o755)
        self.own = [(text, *self.add_file(path, b"", unused)) for path, text in system.OF_USER]
        self.add(step, "symlinkat", system.NO_STDIN.encode(), _AT_FDCWD, system.STDIN.encode())
        for path, content in system.told():
            self.add_file(path, content, unused)
        self.add(step, "mkdirat", _AT_FDCWD, module.DIRECTORY.encode(), 0o755)
        self.add(step, "openat", _AT_FDCWD, module.FILE.encode(), system.OWN_FILE, 0o644, want=unused)
        self.script = unused
        self.add(step, "fchmodat", _AT_FDCWD, module.DIRECTORY.encode(), 0o555)
        self.add(step, "chdir", module.WORK.encode())
        if has_ruleset:
            self.add_landlock(unused + 1)
        program = struct.pack("2Q", len(_seccomp) // 8, self.put(_seccomp))
        # The filter is loaded for all threads. If one cannot have it, the call returns that thread's number.
        flags = linux.SECCOMP_FILTER_FLAG_TSYNC
        self.add("seccomp", "seccomp", linux.SECCOMP_SET_MODE_FILTER, flags, program, want=0)

    def add_file(self, path: str, content: bytes, fd: int) -> tuple[int, int]:
        """Adds the calls that make a file. Returns where its content is, and the row that writes it."""
        step = "directories"
        self.add(step, "openat", _AT_FDCWD, path.encode(), system.OWN_FILE, 0o644, want=fd)
        at = self.put(content, room=_TEXT_ROOM)
        row = self.add(step, "write", fd, at, len(content), want=len(content))
        self.add(step, "close", fd)
        return at, row

    def add_landlock(self, fd: int) -> None:
        """Restricts this process and everything it starts, permanently. Each ruleset is used once."""
        step, (rule, flags) = "landlock", landlock.own_rule(fd)
        self.add(step, "openat", _AT_FDCWD, BOX.encode(), os.O_PATH | os.O_CLOEXEC, want=fd)
        self.add(step, "landlock_add_rule", _RULESET, linux.LANDLOCK_RULE_PATH_BENEATH, rule, 0)
        self.add(step, "landlock_restrict_self", _RULESET, flags)
        self.add(step, "close", fd)
        self.add(step, "close", _RULESET)

    def fill(self, spawn: dict[str, Any], fds: list[int]) -> None:
        """Puts in what differs between cells."""
        uid = spawn["uid"]
        self.uid = uid
        if not may_be_sent(fds):
            raise RuntimeError(f"descriptors {fds} came with SPAWN: they must be over {_RULESET}")
        self.send(fds)
        for row in self.users:
            for argument in range(3):
                self.set(row, argument, uid)
        options = b"size=%d,nr_inodes=%d,mode=0755,uid=%d,gid=%d\0" % (self.disk_bytes, _INODES, uid, uid)
        ctypes.memmove(self.options, options, len(options))
        for text, at, row in self.own:
            self.set_text(row, 1, at, text(uid))

    def send(self, fds: list[int]) -> None:
        for row, fd in zip(self.sent, fds, strict=True):
            self.set(row, 0, fd)

    def enter(self, steps: Any) -> int:
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)  # otherwise waitpid in scripts fails with ECHILD
        if self.entry:
            self.check_entry(self.entry, steps)
        else:
            self.read_go()
            steps.begin("cgroup")
            self.run(self.go + 1, self.go + 1 + 2 * self.count_cgroups())
            snapshot.populate()
        steps.begin("isolate")
        if _threads:
            self.isolate_threads(steps)
        else:
            self.isolate()
        module.take_file(self.script)
        return self.first

    def isolate(self) -> None:
        try:
            self.run(self.isolation, self.end)
        except calls.Failed as failed:
            # Where root did not start the jail, nobody in it may set groups. The self-test reports those that stay.
            if failed.row != self.groups or failed.errno != errno.EPERM:
                raise
            self.run(self.groups + 1, self.end)

    def isolate_threads(self, steps: Any) -> None:
        """Does the same where libraries may have threads: the kernel sets ids of one thread, libc those of all."""
        self.run(self.isolation, self.groups)
        steps.now = "uid"
        with contextlib.suppress(PermissionError):  # see isolate
            os.setgroups([])
        os.setresgid(self.uid, self.uid, self.uid)
        os.setresuid(self.uid, self.uid, self.uid)
        steps.now = "isolate"
        self.run(self.users[-1] + 1, self.end)

    def check_entry(self, entry: Entry, steps: Any) -> None:
        try:
            entry.check(self.came)
        except calls.Failed as failed:
            if failed.row == self.go and not failed.errno:
                raise EOFError("no GO") from None
            raise
        self.check_go()
        steps.now, steps.since = "cgroup", entry.went_at()
        if (came := self.count_cgroups()) != entry.cgroups:
            raise frames.FrameError(f"{came} descriptors came with GO instead of {entry.cgroups}")

    def read_go(self) -> None:
        try:
            self.run(0, self.go + 1)
        except calls.Failed as failed:
            if failed.row == self.close:  # before Linux 5.9, or where a filter around hotcell refuses it
                os.closerange(self.first, 1 << 20)
                self.run(self.close + 1, self.go + 1)
            elif failed.row == self.go and not failed.errno:
                raise EOFError("no GO") from None
            else:
                raise
        self.check_go()

    def check_go(self) -> None:
        if (go := ctypes.string_at(self.packet, len(_GO))) != _GO:
            raise frames.FrameError(f"{go!r} instead of GO")

    def count_cgroups(self) -> int:
        """Returns how many descriptors came with GO, which must have the numbers that the table assumes."""
        size: int = ctypes.c_size_t.from_address(self.rights).value  # 0 if none came
        if ctypes.c_int.from_address(self.message + _MSG_FLAGS_AT).value & _MSG_CTRUNC:
            raise frames.FrameError("not all descriptors that came with GO could be received")
        got = ctypes.string_at(self.rights + _CMSG_HEADER_BYTES, max(size - _CMSG_HEADER_BYTES, 0))
        if got != self.cgroups[: len(got)]:
            numbers = list(struct.unpack(f"{len(got) // 4}i", got))
            raise frames.FrameError(f"descriptors {numbers} came with GO, not from {self.first} on")
        return len(got) // 4
