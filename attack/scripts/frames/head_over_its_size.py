# tries: a header of a megabyte, and one without an end
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"exception","error":{"type":"E","message":"%s","traceback":"","line":1}}' % ("x" * 1_000_000)))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(9, b'{"status":"ok","error":null}' + b" " * 1_000_000))
    time.sleep(30)
