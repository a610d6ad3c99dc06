# tries: to never end: exit handlers that register themselves again, swallow interrupts, and threads that start threads
# session: what runs after a program counts for its call
# request: {"mode": "program"}
# limits: wall_ms=500
# within: 8000
# expect: status timeout, limit wall, result null
import atexit
import threading


def again():
    while True:
        try:
            while True:
                time.sleep(0.02)
                atexit.register(again)
                threading.Thread(target=again).start()  # raises once there are too many
        except BaseException:
            continue


atexit.register(again)
# --- then
# expect: refused gone
"still here"
