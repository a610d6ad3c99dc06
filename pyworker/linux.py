"""System calls that Python 3.11 does not provide."""

import ctypes
import os

CLONE_THREAD = 0x00010000
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096

_MNT_DETACH = 2
PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_SECCOMP_MODE_FILTER = 2
SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC = 1, 1
_CAPABILITY_VERSION_3 = 0x20080522
# The same numbers on every architecture since Linux 5.2.
_SYS_CLOSE_RANGE = 436
_SYS_LANDLOCK_CREATE_RULESET, _SYS_LANDLOCK_ADD_RULE = 444, 445
LANDLOCK_RULE_PATH_BENEATH = 1
AT_FDCWD = -100
FSPICK_CLOEXEC = 1
_IOLBF, _IONBF = 1, 2
_PROT_READ, _PROT_EXEC, _MAP_PRIVATE = 1, 4, 2
_MAP_FAILED = ctypes.c_void_p(-1).value

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


class _SockFprog(ctypes.Structure):
    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_char_p))


class _LandlockRulesetAttr(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _LandlockPathBeneathAttr(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


# What capset(2) is given to drop all effective, permitted and inheritable capabilities.
NO_CAPABILITIES = bytes(_CapHeader(_CAPABILITY_VERSION_3, 0)), bytes((_CapData * 2)())
# Created here, once for all cells.
_path_beneath = _LandlockPathBeneathAttr()
_path_beneath_at = ctypes.byref(_path_beneath)


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


def has_threads() -> bool:
    """Reports whether this process has more threads than one, also such that Python does not know."""
    return bool(_libc.unshare(ctypes.c_int(CLONE_THREAD)))  # which does nothing where there is one, unshare(2)


def setns(fd: int, flags: int) -> None:
    _check(_libc.setns(ctypes.c_int(fd), ctypes.c_int(flags)))


def mount(fstype: str, target: str, flags: int, options: str) -> None:
    _check(_libc.mount(fstype.encode(), target.encode(), fstype.encode(), ctypes.c_ulong(flags), options.encode()))


def make_read_only(mount_point: str) -> None:
    """Makes this mount read-only; the file system itself does not change."""
    flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV
    _check(_libc.mount(None, mount_point.encode(), None, ctypes.c_ulong(flags), None))


def private_terminals(mount_point: str) -> int:
    """Returns a directory of pseudo-terminals that no process has a path to: an unmounted devpts, devpts(5).

    It is read-only, so that nothing can change the mode, owner or times of a terminal.
    """
    mount("devpts", mount_point, MS_RDONLY | MS_NOSUID | MS_NOEXEC, "ptmxmode=0666,mode=0600")
    try:
        return os.open(mount_point, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    finally:
        _check(_libc.umount2(mount_point.encode(), ctypes.c_int(_MNT_DETACH)))


def map_code(fd: int, offset: int, size: int) -> int:
    """Maps that part of a file to read and to execute, and returns its address, mmap(2)."""
    private, size_of, offset_of = ctypes.c_int(_MAP_PRIVATE), ctypes.c_size_t(size), ctypes.c_long(offset)
    at = _libc.mmap(None, size_of, ctypes.c_int(_PROT_READ | _PROT_EXEC), private, ctypes.c_int(fd), offset_of)
    if at == _MAP_FAILED:
        _check(-1)
    return int(at)


def drop_bounding_set() -> None:
    """Drops every capability that an execve could give back, and the ambient ones."""
    for capability in range(64):
        try:
            _prctl(_PR_CAPBSET_DROP, capability)
        except OSError:  # EINVAL: past the last capability of this kernel
            break
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)


def no_new_privileges() -> None:
    _prctl(PR_SET_DUMPABLE, 0)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def adopt_orphans() -> None:
    """Makes orphans below this process its children, prctl(2)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def load_seccomp(instructions: bytes) -> None:
    """Loads a filter given as struct sock_filter[], seccomp(2)."""
    program = _SockFprog(len(instructions) // 8, instructions)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(program))


def can_close_ranges() -> bool:
    """Reports whether close_range(2) works: since Linux 5.9, unless a filter around hotcell refuses it."""
    last = ctypes.c_uint(0xFFFFFFFF)
    return bool(_libc.syscall(ctypes.c_long(_SYS_CLOSE_RANGE), last, last, ctypes.c_uint(0)) == 0)


def landlock_create_ruleset(fs: int, net: int, scoped: int) -> int:
    """Returns a descriptor of an empty ruleset. Older kernels accept the longer structure if the unknown part is 0."""
    attr = _LandlockRulesetAttr(fs, net, scoped)
    size = ctypes.c_size_t(ctypes.sizeof(attr))
    return _check(_libc.syscall(ctypes.c_long(_SYS_LANDLOCK_CREATE_RULESET), ctypes.byref(attr), size, 0))


def landlock_ruleset(fs: int, net: int, scoped: int) -> bytes:
    """Returns a struct landlock_ruleset_attr."""
    return bytes(_LandlockRulesetAttr(fs, net, scoped))


def landlock_path(path: int, allowed: int) -> bytes:
    """Returns a struct landlock_path_beneath_attr."""
    return bytes(_LandlockPathBeneathAttr(allowed, path))


def landlock_add_path(ruleset: int, path: int, allowed: int) -> None:
    _path_beneath.allowed, _path_beneath.parent = allowed, path
    _check(_libc.syscall(_SYS_LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, _path_beneath_at, 0))


def unbuffer_c_stdio() -> None:
    """Makes C code write output at once, so that it survives however the process dies."""
    for name in ("stdout", "stderr"):
        stream = ctypes.c_void_p.in_dll(_libc, name)
        _libc.setvbuf(stream, None, ctypes.c_int(_IONBF), ctypes.c_size_t(0))


def buffer_c_stdout_by_line() -> None:
    """Buffers by line, as C does on a terminal; otherwise readline writes each character by itself."""
    stream = ctypes.c_void_p.in_dll(_libc, "stdout")
    _libc.setvbuf(stream, None, ctypes.c_int(_IOLBF), ctypes.c_size_t(4096))
