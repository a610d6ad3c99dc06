# tries: to send by itself files with names that the worker would not send
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"C:/x"}\nx'))
    channel(answer(b"1"))
    time.sleep(30)


# --- then
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"nul.txt"}\nx'))
    channel(answer(b"1"))
    time.sleep(30)


# --- then
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"a\\u0000b"}\nx'))
    channel(answer(b"1"))
    time.sleep(30)


# --- then
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, '{"path":"\u202egpj.exe"}\nx'.encode()))
    channel(answer(b"1"))
    time.sleep(30)
