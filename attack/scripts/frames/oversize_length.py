# tries: to announce 4 GiB, so that the supervisor allocates it
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
# within: 8000
def main():
    channel(b"\xff\xff\xff\xff\x09{}")
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000 result_bytes=1000
def main():
    channel(frame(9, b"x", size=(512 << 10) + 1 + 1000 + 1))
    time.sleep(30)
