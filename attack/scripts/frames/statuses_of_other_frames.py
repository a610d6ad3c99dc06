# tries: statuses that do not exist, that almost exist, or that contain spaces, NUL and letters of other alphabets
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"OK","error":null}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"ok\\u0000","error":null}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":["ok"],"error":null}'))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"","error":null}'))
    time.sleep(30)
