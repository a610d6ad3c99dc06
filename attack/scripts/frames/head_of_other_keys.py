# tries: heads with keys that there are not, beside those that there are, so that one day they mean something
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=3000
def main():
    channel(answer(b"1", '{"status":"ok","error":null,"limit":null,"cpu_ms":1}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=3000
def main():
    channel(answer(b"1", '{"status":"ok","error":null,"":null}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=3000
def main():
    channel(answer(b"1", '{"status":"ok","error":null,"__proto__":{"status":"timeout"}}'))
    time.sleep(30)
