"""What a cell has for its script in files: its user, its memory, its standard streams.

The root of the jail has links from the usual places (/etc/passwd, /proc/meminfo,
/dev/stdin) to these files on the cell's own disk. They are the cell's, so a script may
change them, and nothing but its own programs and libraries opens them.
"""

import os
from collections.abc import Callable

from pyworker import frames

OWN = "/box/etc"
NAME, HOME = "cell", "/box/work"
_PASSWD = (
    "root:x:0:0:root:/root:/usr/sbin/nologin\n"
    f"{NAME}:x:%d:%d:{NAME}:{HOME}:/bin/sh\n"
    "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"
).encode()
_GROUP = f"root:x:0:\n{NAME}:x:%d:\nnogroup:x:65534:\n".encode()
# Files that a cell makes while it is parked, and what they contain for its uid.
OF_USER: tuple[tuple[str, Callable[[int], bytes]], ...] = (
    (f"{OWN}/passwd", lambda uid: _PASSWD % (uid, uid)),
    (f"{OWN}/group", lambda uid: _GROUP % uid),
)
# The fields that psutil and the like want to find.
_MEMINFO = (
    "MemTotal: {0} kB\nMemFree: {1} kB\nMemAvailable: {1} kB\nBuffers: 0 kB\nCached: 0 kB\nSwapCached: 0 kB\n"
    "Active: 0 kB\nInactive: 0 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\nShmem: 0 kB\nSlab: 0 kB\nSReclaimable: 0 kB\n"
)
_USED_KB = 4 << 10  # about what a cell has when its script begins
_NEW = os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
OWN_FILE = os.O_WRONLY | os.O_EXCL | _NEW
STDIN, NO_STDIN = f"{OWN}/stdin", "/dev/null"
_OUTPUT = ((f"{OWN}/stdout", 1), (f"{OWN}/stderr", 2))
_NO_TERMINAL = "/dev/tty"  # which no cell has

_memory = 0  # that the script is told of
_told: tuple[tuple[str, bytes], ...] = ()  # the files that tell it

_affinity = os.sched_getaffinity
_open, _close, _unlink, _memfd_create, _lseek = os.open, os.close, os.unlink, os.memfd_create, os.lseek
_write = frames.write


def prepare() -> None:
    """Makes the interpreter tell what a cell may use of the processors, once in the zygote.

    os.cpu_count() asks the C library, which reads the jail's /proc/stat. The kernel's
    own answer to sched_getaffinity stays what it is: a cell runs on any processor, on one
    at a time.
    """
    os.sched_getaffinity = _one_processor


def _one_processor(pid: int, /) -> set[int]:
    return {min(_affinity(pid))}


def expect(limit: int) -> None:
    """Prepares to tell the script how much memory it may have: before the fork, so that a cell has less of its own."""
    global _memory, _told
    if limit != _memory:
        total = limit >> 10
        meminfo = _MEMINFO.format(total, max(total - _USED_KB, 0))
        _memory, _told = limit, ((f"{OWN}/meminfo", meminfo.encode()), (f"{OWN}/memory.max", b"%d\n" % limit))
        os.environ["HOTCELL_MEMORY_BYTES"] = str(limit)


def told() -> tuple[tuple[str, bytes], ...]:
    """Returns the files that tell a script how much memory it may have, and what they contain."""
    return _told


def tell_memory(limit: int) -> None:
    """Tells the script how much memory it may have."""
    expect(limit)
    for path, text in _told:
        _put(path, text)


def put_stdin(content: bytes) -> int:
    """Returns a file with the script's stdin: it is also at /dev/stdin, unless the disk has no room for it."""
    try:
        _unlink(STDIN)
        file = _open(STDIN, os.O_RDWR | os.O_EXCL | _NEW, 0o600)
        try:
            _write(file, content)
        except BaseException:
            _close(file)
            _unlink(STDIN)
            raise
    except OSError:
        file = _memfd_create("stdin")
        _write(file, content)
    _lseek(file, 0, os.SEEK_SET)
    return file


def open_output() -> list[int]:
    """Makes the pipes for the script's output, and returns their read ends.

    They have names, since there is no /proc/self/fd to which /dev/stdout could lead.
    The read ends are opened here, before the script begins: whatever it does to the
    names, the supervisor has its ends.
    """
    ends = []
    for path, fd in _OUTPUT:
        try:
            os.mkfifo(path, 0o600)
        except FileExistsError:  # the warm-up script wrote to it
            os.unlink(path)
            os.mkfifo(path, 0o600)
        ends.append(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOATIME | os.O_CLOEXEC))
        write = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(write, fd)
        os.close(write)
        os.chmod(path, 0o200)  # a program that reads what it printed would take it from the answer
    return ends


def close_output() -> None:
    """Makes /dev/stdout and /dev/stderr lead nowhere: on a terminal nobody reads the pipes."""
    for path, _ in _OUTPUT:
        os.unlink(path)
        os.symlink(_NO_TERMINAL, path)


def _put(path: str, content: bytes) -> None:
    try:
        fd = _open(path, OWN_FILE, 0o644)
    except FileExistsError:  # that of the call before, or what a script has put there, such as a FIFO
        _unlink(path)
        fd = _open(path, OWN_FILE, 0o644)
    try:
        os.write(fd, content)
    finally:
        _close(fd)
