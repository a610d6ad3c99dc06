# tries: to reach the host's sockets with abstract names, by messages that name their receiver, on every socket that it has
# expect: held EPERM|EINVAL|EISCONN|EOPNOTSUPP|ENOTSUP|ECONNREFUSED|ENOENT|ENOTCONN
import socket


def main():
    a, b = socket.socketpair()
    attempts = {}
    for name in (b"\0/tmp/dbus-x", b"\0systemd", b"\0hotcell", b"/run/dbus/system_bus_socket", b"/var/run/docker.sock"):
        address = ctypes.create_string_buffer(b"\x01\x00" + name)
        for fd in (a.fileno(), 3):
            attempts[f"sendto {name} by {fd}"] = ["sendto", fd, b"", 0, 0x40, address, 2 + len(name)]
            attempts[f"connect {name} by {fd}"] = ["connect", fd, address, 2 + len(name)]
    words = set()
    for what, numbers in attempts.items():
        value, error = call(*numbers)
        if error is None and what.startswith("connect"):
            return f"ESCAPED: {what}"
        words.add(error or "EISCONN")  # a stream that is connected takes no name, and sends nothing of no bytes
    return "held: " + " ".join(sorted(words))
