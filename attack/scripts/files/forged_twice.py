# tries: to send one name twice, so that a client that writes the files keeps one
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"a"}\nx'))
    channel(frame(11, b'{"path":"a"}\ny'))
    channel(answer(b"1"))
    time.sleep(30)
