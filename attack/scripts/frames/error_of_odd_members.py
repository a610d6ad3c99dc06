# tries: errors within a head whose members are of other types, too long, missing, or beyond what a line can be
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=3000
def main():
    channel(answer(b"null", '{"status":"exception","error":{"type":1,"message":"","traceback":"","line":1}}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=3000
def main():
    channel(answer(b"null", '{"status":"exception","error":{"type":"A","message":"","traceback":"","line":1e99}}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=3000
def main():
    channel(answer(b"null", '{"status":"exception","error":"A"}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=3000
def main():
    channel(answer(b"null", '{"status":"exception","error":{"type":"A","message":"","traceback":"","line":1,"cause":{}}}'))
    time.sleep(30)
