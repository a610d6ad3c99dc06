# tries: to keep computing between calls, in a thread that nobody waits for
# session: a thread
# limits: cpu_ms=300
# expect: status ok
import threading


def spin():
    while True:
        pass


threading.Thread(target=spin, daemon=True).start()
# --- then
# expect: status ok|timeout
# expect: refused gone
time.sleep(1)
