# tries: to break the interpreter it runs in: a null pointer, overwritten types, a freed object
# expect: status killed, signal SIGSEGV, result null
def main():
    ctypes.string_at(0)
# --- then
# expect: status killed, signal SIGSEGV|SIGABRT|SIGBUS|SIGILL|SIGTRAP|SIGFPE, result null
# expect: status ok|exception|exited
# expect: status timeout, limit wall|cpu
# limits: wall_ms=1500
def main():
    ctypes.memset(id(dict) + 24, 0x41, 160)
    return {"still": "here"}
