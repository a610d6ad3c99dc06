# tries: to go on after an interrupt: a thread holds the interpreter in C, so that no handler can run
# session: a call that is interrupted, and the next
# raw: the program has no main
# limits: wall_ms=500
# within: 8000
# expect: status timeout, limit wall, result null
import ctypes
import threading

threading.Thread(target=ctypes.PyDLL(None).sleep, args=(60,)).start()  # PyDLL does not release the interpreter
while True:
    pass
# --- then
# expect: refused gone
"still here"
