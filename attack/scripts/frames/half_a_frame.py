# tries: to begin a frame and never to end it, and then to have the worker's answer taken for its rest
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
# limits: wall_ms=3000
def main():
    channel(frame(9, b'{"status":', size=40))
    return "the rest, which is long enough"
