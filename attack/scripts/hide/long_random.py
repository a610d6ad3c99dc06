# tries: to stay in one call that generates random numbers, 32 MiB at a time, in several threads
# limits: wall_ms=500
# within: 8000
# expect: status timeout, limit wall|cpu
import threading


def main():
    buffer = bytearray(64 << 20)
    urandom = os.open("/dev/urandom", os.O_RDONLY)

    def draw():
        while True:
            os.readv(urandom, [buffer])

    for _ in range(4):
        threading.Thread(target=draw, daemon=True).start()
    time.sleep(60)
