# tries: to print without end when it has ended: in an exit handler, a finalizer, an excepthook, a thread
# expect: status output_limit, limit output, result null
# request: {"mode": "program"}
# limits: output_bytes=65536 wall_ms=10000
import atexit


@atexit.register
def flood():
    while True:
        os.write(1, b"x" * 4096)
# --- then
# expect: status output_limit, limit output, result null
# request: {"mode": "program"}
# limits: output_bytes=65536 wall_ms=10000
class Late:
    def __del__(self):
        while True:
            print("x" * 4096, file=sys.stderr)


late = Late()
# --- then
# expect: status output_limit, limit output, result null
# request: {"mode": "program"}
# limits: output_bytes=65536 wall_ms=10000
def hook(*args):
    while True:
        print("x" * 4096)


sys.excepthook = hook
raise ValueError
# --- then
# expect: status output_limit, limit output, result null
# request: {"mode": "program"}
# limits: output_bytes=65536 wall_ms=10000
import threading


def flood():
    while True:
        print("x" * 4096)


threading.Thread(target=flood).start()
