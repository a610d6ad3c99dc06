# tries: a megabyte of a result with its fault in the last bytes: half a character, an open string, another value, a lone surrogate
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b'"' + b"0123456789abcdef" * 65536 + b'\xe2\x82"'))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b'"' + b"0123456789abcdef" * 65536 + b"\\"))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b'"' + b"0123456789abcdef" * 65536 + b'","files":[]'))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b'"' + b"0123456789abcdef" * 65536 + b'\\ud800"'))
    time.sleep(30)
# --- then
# expect: status timeout, limit wall, result null
# expect: error NoChannel
# limits: wall_ms=400
def main():
    channel(frame(9, b'{"status":"ok","error":null}\n"' + b"x" * 1_000_000, size=4_000_000))
    time.sleep(30)
# --- then
# expect: status exited, exit 4, result null
# expect: error NoChannel
def main():
    channel(frame(9, b'{"status":"ok","error":null}\n"' + b"x" * 1_000_000, size=4_000_000))
    os._exit(4)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(9, b'{"status":"ok","error":null}\n"' + b"x" * 1_000_000, size=1_000_040))
    return "x" * 1_000_000
