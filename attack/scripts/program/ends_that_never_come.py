# tries: not to end: an exit handler, a thread that is waited for, a finalizer and an excepthook that go on for ever
# expect: status timeout, limit wall, result null
# request: {"mode": "program"}
# limits: wall_ms=600
import atexit
atexit.register(time.sleep, 1 << 20)
# --- then
# expect: status timeout, limit cpu|wall, result null, exit none
# request: {"mode": "program"}
# limits: cpu_ms=400 wall_ms=9000
import atexit


@atexit.register
def spin():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
# --- then
# expect: status timeout, limit wall
# request: {"mode": "program"}
# limits: wall_ms=600
import threading
threading.Thread(target=time.sleep, args=(1 << 20,)).start()
sys.exit(0)
# --- then
# expect: status timeout, limit wall
# request: {"mode": "program", "collect": ["**"]}
# limits: wall_ms=600
class Late:
    def __del__(self):
        time.sleep(1 << 20)


late = Late()
open("file", "w").write("x")
# --- then
# expect: status timeout, limit wall
# request: {"mode": "program"}
# limits: wall_ms=600
def hook(*args):
    while True:
        time.sleep(1)


sys.excepthook = hook
raise ValueError
# --- then
# expect: status timeout, limit wall
# request: {"collect": ["**"]}
# limits: wall_ms=600
class Late:
    def __del__(self):
        while True:
            time.sleep(1)


late = Late()


def main():
    open("file", "w").write("x")
