# tries: to connect to a listener on loopback that the attack suite has opened
# expect: held EPERM|EACCES|EAFNOSUPPORT|ENETUNREACH|ECONNREFUSED
import socket
import urllib.request

HOST, PORT = LISTENER.split(":")


def main():
    def ask():
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            return opener.open(f"http://{HOST}:{PORT}/", timeout=2).read()
        except urllib.error.URLError as e:
            raise e.reason from None

    return refused({
        "connect": lambda: socket.create_connection((HOST, int(PORT)), timeout=2),
        "http": ask,
        "a socket alone": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "datagrams": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (HOST, int(PORT))),
    })
