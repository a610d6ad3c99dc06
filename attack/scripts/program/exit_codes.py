# tries: exit codes that are no numbers, or numbers with methods of their own, when it exits
# expect: status exited, exit 1, not stderr contains "pyworker"
# request: {"mode": "program"}
class Code:
    def __str__(self):
        raise KeyboardInterrupt


sys.exit(Code())
# --- then
# expect: status exited, exit 5, not stderr contains "pyworker"
# request: {"mode": "program"}
class Number(int):
    __and__ = __index__ = __int__ = __pos__ = __le__ = __lt__ = __ge__ = __gt__ = lambda self, *a: 1 / 0


sys.exit(Number(5))
# --- then
# expect: status exited, exit 255
# request: {"mode": "program"}
sys.exit(-(1 << 70000))
# --- then
# expect: status exited, exit 120
# request: {"mode": "program"}
class Stream:
    def __getattribute__(self, name):
        raise SystemExit(9)


sys.stderr = Stream()
sys.exit("text")
# --- then
# expect: status exited, exit 3
# expect: status exited, exit 1
# request: {"mode": "program"}
class Leave(SystemExit):
    @property
    def code(self):
        raise Leave(self)


raise Leave(3)
# --- then
# expect: status exited, exit 120
# request: {"mode": "program"}
class Stream:
    closed = property(lambda self: sys.exit(3))
    write = flush = lambda self, *a: sys.exit(4)


sys.stdout = Stream()
# --- then
# expect: status exception, exit 1
# expect: status exited, exit 1
# request: {"mode": "program"}
import atexit, threading
atexit._run_exitfuncs = threading._shutdown = sys.__excepthook__ = atexit.register = lambda *a: os._exit(0)
import builtins
for name in ("len", "type", "isinstance", "vars", "id", "getattr", "issubclass", "BaseException", "SystemExit"):
    setattr(builtins, name, None)
raise ValueError
