# tries: an ok with an error, and an exception without one
# expect: status killed, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"ok","error":{"type":"E","message":"m","traceback":"","line":null}}'))
    time.sleep(30)
# --- then
# expect: status killed, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"5", '{"status":"exception","error":null}'))
    time.sleep(30)
