# tries: to never end: exit handlers that register themselves again, swallow interrupts, and threads that start threads
# session: what runs after a program counts for its call
# request: {"mode": "program"}
# limits: wall_ms=500
# within: 8000
# expect: status timeout, limit wall, result null
import atexit
import threading


def again():
    try:
        threading.Thread(target=again).start()
        atexit.register(again)
        while True:
            time.sleep(1)
    except BaseException:
        again()


atexit.register(again)
# --- then
# expect: refused gone
"still here"
