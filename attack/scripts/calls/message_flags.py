# tries: message flags that reach other code: zero copy, fast open, splice, error queues, flags that only the kernel sets
# expect: held ENOTSUP|EOPNOTSUPP|EPERM|EINVAL|EAGAIN
import socket


def main():
    a, b = socket.socketpair()
    byte = ctypes.create_string_buffer(b"x", 1)
    attempts = {}
    for name, flag in {"PROBE": 0x10, "CONFIRM": 0x800, "ERRQUEUE": 0x2000, "BATCH": 0x40000, "ZEROCOPY": 0x4000000, "SPLICE_PAGES": 0x8000000,
                       "FASTOPEN": 0x20000000, "SENDPAGE": 0x20000, "NO_SHARED_FRAGS": 0x80000, "SENDPAGE_DECRYPTED": 0x100000, "PROXY": 0x10,
                       "TRYHARD": 4, "CMSG_COMPAT": 0x80000000}.items():
        attempts[f"send {name}"] = ["sendto", a.fileno(), byte, 1, flag | 0x40, 0, 0]
        attempts[f"receive {name}"] = ["recvfrom", b.fileno(), byte, 1, flag | 0x40, 0, 0]
    words, wrong = set(), []
    for what, numbers in attempts.items():
        value, error = call(*numbers)
        words.add(error or "TAKEN")
        if error is None:
            wrong.append(what)
    return f"ESCAPED: {wrong}" if wrong else "held: " + " ".join(sorted(words))
