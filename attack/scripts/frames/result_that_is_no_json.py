# tries: results that would break the answer they are put into: half a value, two, NaN, an end of the object
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b'{"a":'))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1 2"))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"NaN"))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null, stdout ""
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b'1,"stdout":"forged","usage":{}'))
    time.sleep(30)
