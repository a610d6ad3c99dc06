# tries: to meet a sibling at the abstract name of a socket: it listens, and the other connects and sends in every way there is, itself, by children and by programs
# limits: wall_ms=10000
# expect: held EPERM|NOBODY
import select
import socket


def main():
    ears = []
    try:
        for name in ("\0meeting", "\0other", ""):
            ears.append(socket.socket(socket.AF_UNIX))
            ears[-1].bind(name)
            ears[-1].listen(16)
    except PermissionError:
        return "held: EPERM"
    except OSError as e:  # a sibling has the name
        if e.errno != errno.EADDRINUSE:
            raise
    heard = select.select(ears, [], [], 2)[0]
    if not heard:
        return "held: NOBODY"
    return f"ESCAPED: a sibling said {heard[0].accept()[0].recv(100)}"


# --- beside
# limits: wall_ms=10000
# expect: held EPERM|ECONNREFUSED|EADDRINUSE|EINVAL|ENOTCONN|EOPNOTSUPP|ENOTSUP|ENOSYS
import socket
import subprocess
import threading

PROGRAM = """
import socket
try:
    s = socket.socket(socket.AF_UNIX)
    s.connect(bytes.fromhex("%s"))
    print("reached")
except OSError as e:
    print(e.errno)
"""


def ways(name):
    def connect():
        s = socket.socket(socket.AF_UNIX)
        s.connect(name)
        s.send(b"hello")

    def connect_with_a_name():
        s = socket.socket(socket.AF_UNIX)
        s.bind("")
        s.connect(name)

    def send():
        socket.socket(socket.AF_UNIX).sendto(b"hello", name)

    def message():
        import array

        s = socket.socket(socket.AF_UNIX)
        s.sendmsg([b"hello"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [1]))], 0, name)

    def of_a_pair():
        socket.socketpair()[0].connect(name)

    def datagram():
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"hello", name)

    return [connect, connect_with_a_name, send, message, of_a_pair, datagram]


def attempt(way):
    try:
        way()
        return "reached"
    except OSError as e:
        return name_of(e.errno)


def main():
    words, until = set(), time.monotonic() + 1.2
    while time.monotonic() < until:
        for name in (b"\0meeting", b"\0other", b"\x0000001"):
            for way in ways(name):
                words.add(attempt(way))
                words.add(in_child(lambda: attempt(way)))
            by_thread = []
            thread = threading.Thread(target=lambda: by_thread.append(attempt(ways(name)[0])))
            thread.start()
            thread.join()
            words.update(by_thread)
        time.sleep(0.05)
    said = subprocess.run([sys.executable, "-I", "-c", PROGRAM % b"\0meeting".hex()], capture_output=True, text=True).stdout.strip()
    words.add(said if said == "reached" else name_of(int(said)))
    if "reached" in words:
        return "ESCAPED: a sibling's socket was reached"
    return "held: " + " ".join(sorted(words - {"EISCONN"}))
