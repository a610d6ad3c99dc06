# tries: what is no frame at all: a request of HTTP, random bytes
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(b"POST /execute HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(b"\xff" + os.urandom(1 << 16))
    time.sleep(30)
