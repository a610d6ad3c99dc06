# tries: to start a frame and never finish it, so that the worker's answer is taken for its rest
# expect: status timeout, limit wall, result null
# expect: error NoChannel
# limits: wall_ms=400
def main():
    channel(frame(9, b"{", size=4096))
    time.sleep(30)
# --- then
# expect: status timeout, limit wall, result null
# expect: error NoChannel
# limits: wall_ms=400
def main():
    channel(b"\x00\x00\x01")
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(9, b'{"status":', size=40))
    return "the rest, which is long enough"
