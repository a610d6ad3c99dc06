# tries: to claim an end that only the supervisor may report: timeout, memory_limit, killed, exited
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"timeout","error":null}'))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"memory_limit","error":null}'))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"null", '{"status":"killed","error":null}'))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"null", '{"status":"exited","error":null}'))
    time.sleep(30)
