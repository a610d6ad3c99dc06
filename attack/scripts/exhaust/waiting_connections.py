# tries: memory of the kernel's, in connections that nobody accepts, by many processes with many listeners
# cgroup: connections that wait count as the cgroup's, but for what announces them
# limits: memory_bytes=33554432 wall_ms=20000 cpu_ms=20000
# expect: status memory_limit, limit memory
# expect: held EPERM
import socket


def main():
    for child in range(8):
        if os.fork() == 0:
            break
    held = []
    try:
        while len(held) < 240:
            ear = socket.socket(socket.AF_UNIX)
            ear.bind("")
            ear.listen(128)
            held.append(ear)
            while True:
                mouth = socket.socket(socket.AF_UNIX)
                mouth.setblocking(False)
                try:
                    mouth.connect(ear.getsockname())
                except BlockingIOError:
                    break
                mouth.close()
    except PermissionError:
        return "held: EPERM"
    time.sleep(15)
    return "ESCAPED: 30,000 connections fit into 32 MiB"


# --- beside
# expect: result 1
def main():
    return 1
