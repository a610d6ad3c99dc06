# tries: memory of the kernel by waiting for many descriptors at once, in many threads
# limits: memory_bytes=67108864 wall_ms=1500
# within: 8000
# expect: status timeout|memory_limit
import select
import threading


def main():
    watched = [(os.eventfd(0), 1) for _ in range(60)]

    def wait():
        poller = select.poll()
        for fd, event in watched:
            poller.register(fd, event)
        while True:
            poller.poll(1000)

    for _ in range(60):
        try:
            threading.Thread(target=wait, daemon=True).start()
        except RuntimeError:
            break
    time.sleep(60)
