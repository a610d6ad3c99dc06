# tries: to learn of the supervisor from the channel's other end: its process, and by a pidfd its namespaces
# expect: held UNKNOWN
# expect: held UNKNOWN|EPERM|EINVAL|ENOTTY|ENOSYS|ESRCH|EREMOTE|EBADF|ENOPROTOOPT|ENODATA|EOPNOTSUPP|ENOTSOCK
import socket
import struct

SO_PEERCRED, SO_PEERPIDFD = 17, 77
PIDFD_GET_INFO = 0xC040FF0B


def main():
    peer = socket.socket(fileno=os.dup(3)) if call("ioctl", 3, 0x5451, 0)[1] is None else None
    if peer is None:
        return "held: UNKNOWN"
    pid, uid, _ = struct.unpack("iII", peer.getsockopt(socket.SOL_SOCKET, SO_PEERCRED, 12))
    if pid not in (0, os.getpid()) or uid == 0:
        return f"ESCAPED: process {pid} of user {uid} is at the other end"
    try:
        pidfd, = struct.unpack("i", peer.getsockopt(socket.SOL_SOCKET, SO_PEERPIDFD, 4))
    except OSError as e:
        return f"held: {name_of(e.errno)}"
    attempts = {f"namespace {n}": ["ioctl", pidfd, 0xFF00 + n, 0] for n in range(1, 11)}
    info = (ctypes.c_uint64 * 16)(0xFFFFFFFF)
    attempts |= {
        "signal it": ["pidfd_send_signal", pidfd, 0, None, 0],
        "its descriptors": ["pidfd_getfd", pidfd, 0, 0],
        "its memory": ["process_madvise", pidfd, None, 0, 20, 0],
        "enter it": ["setns", pidfd, 0x40000000],
        "who it is": ["ioctl", pidfd, PIDFD_GET_INFO, ctypes.byref(info)],
    }
    return refused(attempts)
