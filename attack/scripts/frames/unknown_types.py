# tries: frames of nonexistent types
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(0, b"{}"))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(11, b"{}"))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(255, b"{}"))
    time.sleep(30)
