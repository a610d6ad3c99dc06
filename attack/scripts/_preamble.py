# What attacks share. It is ASCII, and runs in the namespace of the script.
import ctypes, errno, os, sys, time

X86 = os.uname().machine == "x86_64"
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long

# Numbers of system calls: x86_64, aarch64 (None where it has none).
NUMBERS = {
    "read": (0, 63), "write": (1, 64), "mmap": (9, 222), "ioctl": (16, 29), "socket": (41, 198), "connect": (42, 203), "accept": (43, 202),
    "bind": (49, 200), "listen": (50, 201), "socketpair": (53, 199), "clone": (56, 220), "kill": (62, 129), "fork": (57, None), "vfork": (58, None),
    "ptrace": (101, 117), "syslog": (103, 116), "setuid": (105, 146), "setgid": (106, 144), "setpgid": (109, 154), "setreuid": (113, 145),
    "setregid": (114, 143), "setgroups": (116, 159), "setresuid": (117, 147), "setresgid": (119, 149), "setfsuid": (122, 151),
    "setfsgid": (123, 152), "capget": (125, 90), "capset": (126, 91), "mknod": (133, None), "mknodat": (259, 33), "uselib": (134, None),
    "personality": (135, 92), "sched_setscheduler": (144, 119), "sched_setaffinity": (203, 122), "mlock": (149, 228), "mlockall": (151, 230), "vhangup": (153, 58),
    "modify_ldt": (154, None), "pivot_root": (155, 41), "prctl": (157, 167), "arch_prctl": (158, None), "adjtimex": (159, 171),
    "chroot": (161, 51), "acct": (163, 89), "settimeofday": (164, 170), "mount": (165, 40), "umount2": (166, 39), "swapon": (167, 224),
    "swapoff": (168, 225), "reboot": (169, 142), "sethostname": (170, 161), "setdomainname": (171, 162), "iopl": (172, None),
    "ioperm": (173, None), "init_module": (175, 105), "delete_module": (176, 106), "quotactl": (179, 60), "gettid": (186, 178),
    "setxattr": (188, 5), "tkill": (200, 130), "futex": (202, 98), "io_setup": (206, 0), "lookup_dcookie": (212, 18),
    "timer_create": (222, 107), "clock_settime": (227, 112), "mbind": (237, 235), "mq_open": (240, 180), "mq_unlink": (241, 181),
    "kexec_load": (246, 104), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "ioprio_set": (251, 30),
    "inotify_init1": (294, 26), "inotify_add_watch": (254, 27), "migrate_pages": (256, 238), "unshare": (272, 97), "splice": (275, 76),
    "tee": (276, 77), "vmsplice": (278, 75), "move_pages": (279, 239), "signalfd4": (289, 74), "perf_event_open": (298, 241),
    "fanotify_init": (300, 262), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "clock_adjtime": (305, 266),
    "syncfs": (306, 267), "setns": (308, 268), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "finit_module": (313, 273), "sched_setattr": (314, 274), "seccomp": (317, 277), "memfd_create": (319, 279), "kexec_file_load": (320, 294),
    "bpf": (321, 280), "execveat": (322, 281), "userfaultfd": (323, 282), "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195),
    "semget": (64, 190), "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "mremap": (25, 216), "msync": (26, 227),
    "mincore": (27, 232), "madvise": (28, 233), "sendfile": (40, 71), "sendto": (44, 206), "recvfrom": (45, 207), "sendmsg": (46, 211),
    "setsockopt": (54, 208), "getsockopt": (55, 209), "fcntl": (72, 25), "flock": (73, 32), "fsync": (74, 82), "fdatasync": (75, 83),
    "getpriority": (140, 141), "setpriority": (141, 140), "sched_setparam": (142, 118), "mlock": (149, 228), "sync": (162, 81),
    "readahead": (187, 213), "sched_setaffinity": (203, 122), "remap_file_pages": (216, 234), "fadvise64": (221, 223),
    "clock_gettime": (228, 113), "clock_nanosleep": (230, 115), "epoll_ctl": (233, 21), "ioprio_get": (252, 31),
    "set_mempolicy": (238, 237), "get_mempolicy": (239, 236), "get_robust_list": (274, 100), "sync_file_range": (277, 84),
    "utimensat": (280, 88), "timerfd_create": (283, 85), "fallocate": (285, 47), "timerfd_settime": (286, 86), "pipe2": (293, 59),
    "recvmmsg": (299, 243), "sendmmsg": (307, 269), "renameat2": (316, 276), "membarrier": (324, 283), "copy_file_range": (326, 285),
    "preadv2": (327, 286), "pwritev2": (328, 287), "pkey_mprotect": (329, 288), "pkey_alloc": (330, 289), "statx": (332, 291),
    # the same number everywhere
    "pidfd_send_signal": (424, 424), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "pidfd_open": (434, 434), "clone3": (435, 435), "openat2": (437, 437), "pidfd_getfd": (438, 438),
    "close_range": (436, 436), "faccessat2": (439, 439), "process_madvise": (440, 440), "epoll_pwait2": (441, 441),
    "quotactl_fd": (443, 443), "landlock_add_rule": (445, 445), "landlock_restrict_self": (446, 446), "futex_waitv": (449, 449),
    "mount_setattr": (442, 442), "landlock_create_ruleset": (444, 444), "memfd_secret": (447, 447),
    "process_mrelease": (448, 448), "cachestat": (451, 451), "statmount": (457, 457), "listmount": (458, 458), "lsm_get_self_attr": (459, 459),
}


def number_of(name):
    return NUMBERS[name][0 if X86 else 1]


def name_of(number):
    return errno.errorcode.get(number, str(number))


def call(name, *args):
    """Makes a system call: what it returned, and the name of its errno or None."""
    number = number_of(name) if isinstance(name, str) else name
    if number is None:
        return -1, "ENOSYS"  # this machine has no such call
    ctypes.set_errno(0)
    value = LIBC.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    return value, (name_of(ctypes.get_errno()) if value == -1 else None)


def refused(attempts):
    """Makes each attempt. One is a list (a system call and its arguments) or a function; all must fail."""
    words = set()
    for what, attempt in attempts.items():
        if callable(attempt):
            try:
                value, error = attempt(), None
                if isinstance(value, tuple) and len(value) == 2:  # of call
                    value, error = value
            except OSError as e:
                value, error = None, name_of(e.errno)
        else:
            value, error = call(*attempt)
        if error is None:
            return f"ESCAPED: {what} gave {value!r}"[:2000]
        words.add(error)
    return "held: " + " ".join(sorted(words))


def attempt(name, *args):
    """One system call, which must fail."""
    return refused({name: [name, *args]})


def in_child(function, seconds=5):
    """What function returned in a forked child, as text; "died: SIG" or "hung" where it did not return."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(r)
            os.write(w, str(function()).encode()[:4000])
        except BaseException as e:
            os.write(w, f"raised: {e!r}".encode()[:4000])
        finally:
            os._exit(0)
    os.close(w)
    end = time.monotonic() + seconds
    status = None
    while time.monotonic() < end and status is None:
        done, code = os.waitpid(pid, os.WNOHANG)
        status = code if done else None
        if not done:
            time.sleep(0.005)
    if status is None:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(r)
        return "hung"
    with os.fdopen(r, "rb") as pipe:
        text = pipe.read().decode("utf-8", "replace")
    return f"died: {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else text


def frame(kind, payload, size=None):
    """A frame as hotcell's worker sends it to its supervisor; RESULT is 9."""
    return (len(payload) if size is None else size).to_bytes(4, "big") + bytes([kind]) + payload


class NoChannel(Exception):
    """This server's worker does not answer through descriptor 3, so there is nothing to lie to."""


def channel(*frames):
    """Writes to where a worker's answer goes in hotcell."""
    try:
        os.fstat(3)
    except OSError:
        raise NoChannel from None
    for data in frames:
        view = memoryview(data)
        while view:
            view = view[os.write(3, view):]


def answer(value, head='{"status":"ok","error":null}'):
    """A RESULT as the worker would send it."""
    return frame(9, head.encode() + b"\n" + value)


def poll(found, seconds=5 * SLOWNESS):
    """Asks again and again until found() is true or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.01)
    return None


def send_descriptor():
    """Sends a descriptor through a socket: whether it came. None where too many are under way."""
    import array, socket

    a, b = socket.socketpair()
    try:
        a.sendmsg([b"x"], [(1, 1, array.array("i", [1]))])
        return bool(b.recvmsg(1, 100)[1])
    except OSError as e:
        if e.errno != errno.ETOOMANYREFS:
            raise
    finally:
        a.close()
        b.close()
