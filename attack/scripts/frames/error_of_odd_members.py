# tries: errors in a header whose members have other types, are too long, missing, or out of range
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"null", '{"status":"exception","error":{"type":1,"message":"","traceback":"","line":1}}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"null", '{"status":"exception","error":{"type":"A","message":"","traceback":"","line":1e99}}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"null", '{"status":"exception","error":"A"}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"null", '{"status":"exception","error":{"type":"A","message":"","traceback":"","line":1,"cause":{}}}'))
    time.sleep(30)
