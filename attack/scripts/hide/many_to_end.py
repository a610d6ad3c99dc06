# tries: to be slow to end by numbers: all processes, each with all its descriptors used for full sockets
# limits: wall_ms=1200
# within: 8000
# expect: status timeout|memory_limit
import socket


def main():
    for _ in range(100):
        try:
            if os.fork() == 0:
                break
        except OSError:
            break
    held = []
    try:
        while True:
            a, b = socket.socketpair()
            a.setblocking(False)
            held += a, b
            a.send(bytes(1024))
    except OSError:
        pass
    time.sleep(99)
