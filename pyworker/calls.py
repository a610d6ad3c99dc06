"""System calls that follow each other, without Python in between.

In a forked process Python is expensive: most of what it reads and writes takes a page
fault. The start of a cell is 60 system calls, nearly all of whose arguments are known
before the fork. So the zygote writes them into a table, and machine code makes them,
whose source is calls_amd64.s. Elsewhere C's syscall(2) is called for each row.
"""

import ctypes
import errno
import mmap
import os
import platform
import struct
from typing import Any

ANY, WHATEVER, POSITIVE = -1, -2, -3  # results: no error; an error, too; neither an error nor 0

# The same calls on both, since the second has neither open nor mkdir.
_NUMBERS = {
    "x86_64": {
        "read": 0, "write": 1, "close": 3, "rt_sigprocmask": 14, "sendmsg": 46, "recvmsg": 47, "chdir": 80,
        "setsid": 112, "setgroups": 116, "setresuid": 117, "setresgid": 119, "capset": 126, "prctl": 157, "mount": 165,
        "clock_gettime": 228, "openat": 257, "mkdirat": 258, "symlinkat": 266, "fchmodat": 268, "unshare": 272,
        "dup3": 292, "setns": 308, "seccomp": 317,
    },
    "aarch64": {
        "read": 63, "write": 64, "close": 57, "rt_sigprocmask": 135, "sendmsg": 211, "recvmsg": 212, "chdir": 49,
        "setsid": 157, "setgroups": 159, "setresuid": 147, "setresgid": 149, "capset": 91, "prctl": 167, "mount": 40,
        "clock_gettime": 113, "openat": 56, "mkdirat": 34, "symlinkat": 36, "fchmodat": 53, "unshare": 97,
        "dup3": 24, "setns": 268, "seccomp": 277,
    },
}  # fmt: skip
_NEWER = {
    "fspick": 433, "pidfd_open": 434, "close_range": 436, "landlock_create_ruleset": 444, "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}  # fmt: skip
_FUNCTION = -1  # instead of a number: a function of C

# What Go's assembler makes of calls_amd64.s.
_CODE = {
    "x86_64": bytes.fromhex(
        "535541544889fb4889f54531e431c04939ec747749ffc4488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b304883f8"
        "ff740a0f054883f8fc74d7eb0641ffd14863c0488b4b404885c97403488901488b4b384883c3484883f9fe74ab4885c07c1a4883f9"
        "ff74a04883f9fd74094839c8749531c0eb054885c0758c48f7d849c1e4104c01e0415c5d5bc3"
    )
}

_LOOP = {
    "x86_64": bytes.fromhex("41554989fd498b7d00498b750841ff55284885c074ef493b4510750c498b7d18498b752041ff5528415dc3")
}
_LOOP_AT = 256  # behind the code

_ROW = 9  # the number, six arguments, the result that it must have, and where the result is stored, or 0
_RESULT, _STORE = 6, 7  # as arguments of Calls.set
_ARENA_BYTES = 16 << 10
_ALIGN = 8
_PROT_READ, _PROT_EXEC = 1, 4

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
_numbers = {**_NUMBERS.get(platform.machine(), {}), **_NEWER}
_kept: list[Any] = []
_native: Any = None
_code_at = 0


class Failed(OSError):
    """A call did not have the result that it must have. The error is 0 if the kernel reported none."""

    def __init__(self, row: int, step: str, number: int) -> None:
        super().__init__(number, os.strerror(number) if number else "a system call returned another value than it must")
        self.row, self.step = row, step


class Calls:
    """A table of system calls. What they point to is kept beside it, where few pages have all of it."""

    def __init__(self) -> None:
        self._arena = ctypes.create_string_buffer(_ARENA_BYTES)
        self._at, self._end = ctypes.addressof(self._arena), ctypes.addressof(self._arena) + _ARENA_BYTES
        self._values: list[int] = []
        self._steps: list[str] = []
        self._rooms: dict[int, int] = {}  # bytes, by address
        self._rows: Any = None

    def put(self, content: bytes, room: int = 0) -> int:
        """Keeps content, with a zero behind it, in at least that many bytes, and returns its address."""
        at = -(-self._at // _ALIGN) * _ALIGN
        self._rooms[at] = max(len(content) + 1, room)
        self._at = at + self._rooms[at]
        if self._at > self._end:
            raise ValueError(f"a table of system calls points to more than {_ARENA_BYTES} bytes")
        ctypes.memmove(at, content, len(content))
        return at

    def add(self, step: str, name: str, *args: int | bytes, want: int = ANY) -> int:
        """Adds a call, and returns the number of its row. The step says what the call is for when it fails."""
        values = [self.put(arg) if isinstance(arg, bytes) else arg for arg in args]
        self._values += (_numbers[name], *values, *[0] * (_RESULT - len(values)), want, 0)
        self._steps.append(step)
        return len(self._steps) - 1

    def add_function(self, step: str, at: int, *args: int, want: int = ANY) -> int:
        """Adds a call of a C function, which returns an int. Only machine code makes it."""
        self._values += (_FUNCTION, *args, *[0] * (_RESULT - 1 - len(args)), at, want, 0)
        self._steps.append(step)
        return len(self._steps) - 1

    def add_rows(self, other: "Calls", first: int, end: int) -> None:
        """Adds calls of another table, which is sealed. What they point to is that table's."""
        self._values += other._rows[first * _ROW : end * _ROW]
        self._steps += other._steps[first:end]

    def seal(self) -> int:
        """Makes the table, to which nothing is added any more. Returns how many rows it has."""
        self._rows = (ctypes.c_int64 * len(self._values))(*self._values)
        return len(self._steps)

    def set(self, row: int, argument: int, value: int) -> None:
        self._rows[row * _ROW + 1 + argument] = value

    def store(self, row: int, at: int) -> None:
        """Makes the result of a call, of 8 bytes, appear there."""
        self.set(row, _STORE, at)

    def address(self, row: int, argument: int = -1) -> int:
        """Returns where a row is, or one of its arguments."""
        return ctypes.addressof(self._rows) + (row * _ROW + (1 + argument)) * 8

    def set_text(self, row: int, argument: int, at: int, content: bytes) -> None:
        """Makes a write(2) write something else, which is put where there is room for it."""
        if len(content) > self._rooms[at]:
            raise ValueError(f"{len(content)} bytes do not fit into {self._rooms[at]}")
        ctypes.memmove(at, content, len(content))
        self.set(row, argument + 1, len(content))
        self.set(row, _RESULT, len(content))

    def run(self, first: int, end: int) -> None:
        """Makes the calls from one row to before another. Raises Failed."""
        failed = (_native or _make_calls)(ctypes.addressof(self._rows) + first * _ROW * 8, end - first)
        self.check(failed, first)

    def check(self, failed: int, first: int = 0) -> None:
        """Raises Failed if that is what came of calls from this row on."""
        if failed:
            row = first + (failed >> 16) - 1
            raise Failed(row, self._steps[row], failed & 0xFFFF)


class Loop:
    """Makes the calls of a table again and again, until one fails. If that is forked, which
    has the result 0 in a process that was forked there, that process makes the calls of then."""

    def __init__(self, table: Calls, forked: int, then: Calls) -> None:
        tables = table.address(0), len(table._steps), (forked + 1) << 16, then.address(0), len(then._steps), _code_at
        self._numbers = (ctypes.c_int64 * len(tables))(*tables)
        self.call = _code_at + _LOOP_AT, ctypes.addressof(self._numbers)  # for Calls.add_function

    def __call__(self) -> int:
        function, numbers = self.call
        failed: int = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(function)(numbers)
        return failed


def can_loop() -> bool:
    return _code_at > 0


def prepare() -> None:
    """Maps the machine code, once in the zygote."""
    global _native, _code_at
    code = _CODE.get(platform.machine())
    if not code or _native:
        return
    page = mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    page.write(code.ljust(_LOOP_AT) + _LOOP[platform.machine()])
    at = ctypes.addressof(ctypes.c_char.from_buffer(page))
    if _libc.mprotect(at, mmap.PAGESIZE, _PROT_READ | _PROT_EXEC) == 0:  # else a host that allows no new machine code
        _kept.append(page)
        _native = ctypes.PYFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_long)(at)
        _code_at = at


def _make_calls(at: int, count: int) -> int:
    """Does the same by syscall(2)."""
    for i in range(count):
        *call, want, store = struct.unpack(f"{_ROW}q", ctypes.string_at(at + i * _ROW * 8, _ROW * 8))
        while True:
            got = _libc.syscall(*map(ctypes.c_long, call))
            number = ctypes.get_errno() if got < 0 else 0
            if number != errno.EINTR:
                break
        if store:
            ctypes.c_int64.from_address(store).value = -number or got
        if want != WHATEVER and (got < 0 or (want == POSITIVE and not got) or want not in (ANY, POSITIVE, got)):
            return (i + 1) << 16 | number
    return 0
