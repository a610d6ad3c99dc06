# tries: to send by itself names that are equal if case and composition do not count, so that one overwrites the other
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"a.txt"}\nx'))
    channel(frame(11, b'{"path":"A.TXT"}\ny'))
    channel(answer(b"1"))
    time.sleep(30)
