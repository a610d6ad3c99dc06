# tries: to send files that nobody asked for, without an answer behind them, without end
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
# limits: wall_ms=4000
def main():
    while True:
        channel(frame(11, b'{"path":"f"}\nx'))
