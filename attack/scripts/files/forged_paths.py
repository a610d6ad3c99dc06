# tries: to send by itself paths that lead elsewhere, in every spelling: empty elements, dots, absolute, long, deep
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"a//b"}\nx'))
    channel(answer(b"1"))
    time.sleep(30)


# --- then
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"./a"}\nx'))
    channel(answer(b"1"))
    time.sleep(30)


# --- then
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"a/"}\nx'))
    channel(answer(b"1"))
    time.sleep(30)


# --- then
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"' + b"a" * 5000 + b'"}\nx'))
    channel(answer(b"1"))
    time.sleep(30)


# --- then
# request: {"collect": ["*"]}
# limits: wall_ms=10000
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# expect: error NoChannel
def main():
    channel(frame(11, b'{"path":"/etc/cron.d/x"}\nx'))
    channel(answer(b"1"))
    time.sleep(30)
