# tries: to replace the worker's descriptors just before it answers: with a file, a pipe without a reader, its own output
# expect: status killed|exited|timeout|ok, result null
# limits: wall_ms=2000
def main():
    os.dup2(os.open("/dev/null", os.O_RDWR), 3)
    return "sent to nobody"


# --- then
# expect: status killed|exited|timeout|exception, result null
# limits: wall_ms=2000
def main():
    r, w = os.pipe()
    os.dup2(w, 3)
    os.close(r)
    return "sent to nobody"


# --- then
# expect: status killed|exited|timeout, result null
# limits: wall_ms=2000
def main():
    os.dup2(1, 3)
    return "printed"
