# tries: to outlast the wall clock in C: in one long call, a lock, a wait for children, a full pipe, a read of its input
# expect: status timeout, limit wall
# expect: status timeout, limit cpu
# limits: wall_ms=200
def main():
    return sum(range(10**12))


# --- then
# expect: status timeout, limit wall
# limits: wall_ms=200
def main():
    word = ctypes.c_int(0)
    return call("futex", ctypes.byref(word), 128, 0, None)


# --- then
# expect: status timeout, limit wall
# limits: wall_ms=200
def main():
    if os.fork() == 0:
        time.sleep(60)
    os.wait()


# --- then
# expect: status timeout, limit wall
# limits: wall_ms=200
def main():
    r, w = os.pipe()
    while True:
        os.write(w, bytes(1 << 20))


# --- then
# expect: result "at the end: b''"
# limits: wall_ms=10000
def main():
    return f"at the end: {os.read(0, 1)}"
