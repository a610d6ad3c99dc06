# tries: file headers with other keys, a duplicate key, another case, no key, a value that is not text, nothing after it
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"a","mode":511}\nx'))
    channel(answer(b"1"))
    time.sleep(30)


# --- then
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"a","path":"b"}\nx'))
    channel(answer(b"1"))
    time.sleep(30)


# --- then
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"Path":"a"}\nx'))
    channel(answer(b"1"))
    time.sleep(30)


# --- then
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"a"}'))
    channel(answer(b"1"))
    time.sleep(30)
