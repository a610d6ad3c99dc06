# tries: a result and a header nested a hundred thousand deep, for a recursive reader
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"[" * 100_000 + b"]" * 100_000))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"ok","error":' + '{"type":' * 50_000 + "1" + "}" * 50_001))
    time.sleep(30)
