# tries: two statuses in one head, so that two readers take different ones
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"ok","status":"timeout","error":null}'))
    time.sleep(30)
# --- then
# expect: status killed|ok, not status timeout, limit none
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"timeout","STATUS":"ok","Status":"ok","error":null}'))
    time.sleep(30)
