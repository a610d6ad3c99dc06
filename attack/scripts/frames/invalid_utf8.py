# tries: invalid UTF-8 in a result and in a header
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b'"\xff\xfe\x80\xed\xa0\x80"'))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL
# expect: status exception, message contains "\ufffd"
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    head = b'{"status":"exception","error":{"type":"E","message":"\xff\xfe","traceback":"","line":1}}'
    channel(frame(9, head + b"\nnull"))
    time.sleep(30)
