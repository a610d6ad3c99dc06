# tries: an answer of no bytes
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(9, b""))
    time.sleep(30)
