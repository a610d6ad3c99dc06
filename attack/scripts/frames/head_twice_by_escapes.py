# tries: the same key twice, once with escapes, so that a byte comparison sees two keys
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"ok","st\\u0061tus":"not_json","error":null}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"exception","error":{"type":"A","t\\u0079pe":"B","message":"","traceback":"","line":1}}'))
    time.sleep(30)
