# tries: to learn the host's name, its disks, its users, its addresses and its boot by calls that need no file
# expect: held
import socket


def main():
    names = os.uname()
    host = {"nodename": names.nodename, "hostname": socket.gethostname()}
    if any(name not in ("hotcell", "localhost", "NSJAIL", "jail", "cell", "(none)", "") for name in host.values()):
        return f"ESCAPED: the host is called {host}"
    attempts = {"interfaces": lambda: socket.if_nameindex(), "a name": lambda: socket.getaddrinfo("localhost", 80), "users": lambda: __import__("pwd").getpwuid(0)}
    told = {}
    for what, attempt in attempts.items():
        try:
            told[what] = str(attempt())[:80]
        except (OSError, KeyError) as e:
            told[what] = type(e).__name__
    return "held: " + " ".join(f"{what}={''.join(told[what].split())}" for what in told)
