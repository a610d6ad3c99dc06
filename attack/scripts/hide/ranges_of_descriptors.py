# tries: to outlive its wall clock limit by ranges locked on open file descriptions, which many processes share
# limits: wall_ms=800
# within: 8000
# expect: status timeout, limit wall
import fcntl
import struct


def main():
    for _ in range(9):
        if os.fork() == 0:
            break
    files = []
    try:
        while True:
            files.append(os.open("x", os.O_RDWR | os.O_CREAT))
    except OSError:
        pass
    try:
        for at in range(0, 20_000, 2):
            for file in files[:20]:
                call("fcntl", file, 37, struct.pack("hhqqi4x", 0, 0, at, 1, 0))  # F_OFD_SETLK, F_RDLCK
    except OSError:
        pass
    time.sleep(99)
