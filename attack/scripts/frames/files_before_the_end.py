# tries: to send an endless number of files that nobody requested, without an answer
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    while True:
        channel(frame(11, b'{"path":"f"}\nx'))
