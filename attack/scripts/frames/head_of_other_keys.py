# tries: headers with unknown keys beside the known ones, in case they get a meaning later
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"ok","error":null,"limit":null,"cpu_ms":1}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"ok","error":null,"":null}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"ok","error":null,"__proto__":{"status":"timeout"}}'))
    time.sleep(30)
