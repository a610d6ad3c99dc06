"""The system calls that Python 3.11 has no name for."""

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8

_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522
_SYS_FSPICK = 433  # the same number on every architecture since Linux 5.2
_AT_FDCWD = -100
_FSPICK_CLOEXEC = 1
_IOLBF, _IONBF = 1, 2

_libc = ctypes.CDLL(None, use_errno=True)


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


class _SockFprog(ctypes.Structure):
    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _prctl(option: int, *args: int) -> None:
    padded = [ctypes.c_ulong(arg) for arg in (*args, 0, 0, 0, 0)[:4]]
    _check(_libc.prctl(ctypes.c_int(option), *padded))


def unshare(flags: int) -> None:
    _check(_libc.unshare(ctypes.c_int(flags)))


def setns(fd: int, flags: int) -> None:
    _check(_libc.setns(ctypes.c_int(fd), ctypes.c_int(flags)))


def mount(fstype: str, target: str, flags: int, options: str) -> None:
    _check(_libc.mount(fstype.encode(), target.encode(), fstype.encode(), ctypes.c_ulong(flags), options.encode()))


def fspick(path: str) -> int:
    """A descriptor through which its holder may reconfigure the mount, fspick(2)."""
    return _check(_libc.syscall(ctypes.c_long(_SYS_FSPICK), _AT_FDCWD, path.encode(), _FSPICK_CLOEXEC))


def drop_bounding_set() -> None:
    """Drops every capability that an execve could ever give back, and the ambient ones."""
    for capability in range(64):
        try:
            _prctl(_PR_CAPBSET_DROP, capability)
        except OSError:  # EINVAL: past the last capability of this kernel
            break
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)


def drop_capabilities() -> None:
    """Leaves this process without any: effective, permitted and inheritable, capset(2)."""
    header = _CapHeader(_CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(ctypes.byref(header), ctypes.byref((_CapData * 2)())))


def no_new_privileges() -> None:
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def load_seccomp(instructions: bytes) -> None:
    """Loads a filter given as struct sock_filter[], seccomp(2)."""
    program = _SockFprog(len(instructions) // 8, instructions)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(program))


def unbuffer_c_stdio() -> None:
    """What C code prints is written at once, so that it survives any death."""
    for name in ("stdout", "stderr"):
        stream = ctypes.c_void_p.in_dll(_libc, name)
        _libc.setvbuf(stream, None, ctypes.c_int(_IONBF), ctypes.c_size_t(0))


def buffer_c_stdout_by_line() -> None:
    """As C does it on a terminal: readline would write each character on its own."""
    stream = ctypes.c_void_p.in_dll(_libc, "stdout")
    _libc.setvbuf(stream, None, ctypes.c_int(_IOLBF), ctypes.c_size_t(4096))
