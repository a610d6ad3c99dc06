# tries: to meet a sibling at a socket's path, in every directory that both can write and by links that lead there
# limits: wall_ms=10000
# expect: held EPERM|NOBODY
import select
import socket

PATHS = ["/tmp/meeting", "/dev/shm/meeting", "/box/meeting", "meeting", "/box/tmp/x/../meeting2"]


def main():
    ears = []
    os.mkdir("/tmp/x")
    try:
        for path in PATHS:
            ears.append(socket.socket(socket.AF_UNIX))
            try:
                ears[-1].bind(path)
                ears[-1].listen()
            except PermissionError:
                if path != "/box/meeting":
                    raise
    except PermissionError:
        return "held: EPERM"
    heard = select.select(ears, [], [], 1.5)[0]
    return "ESCAPED: a sibling came" if heard else "held: NOBODY"


# --- beside
# expect: held EPERM|ENOENT|ECONNREFUSED|EACCES
import socket


def main():
    os.symlink("/box/tmp/meeting", "link")
    os.symlink("/proc/1/root/tmp/meeting", "by_proc")
    words, until = set(), time.monotonic() + 0.7
    while time.monotonic() < until:
        for path in ("/tmp/meeting", "/dev/shm/meeting", "/box/meeting", "/box/work/meeting", "/box/tmp/meeting2", "link", "by_proc", "/meeting", "../../meeting"):
            try:
                socket.socket(socket.AF_UNIX).connect(path)
                return f"ESCAPED: {path} leads to a sibling"
            except OSError as e:
                words.add(name_of(e.errno))
        time.sleep(0.02)
    return "held: " + " ".join(sorted(words))
