# tries: a forged result one level deeper than the worker would send, of lists, of objects, of both, and in strings
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"[" * 501 + b"]" * 501))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b'{"a":' * 600 + b"1" + b"}" * 600))
    time.sleep(30)


# --- then
# expect: status ok
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b'"' + b"[" * 100_000 + b'"'))
    time.sleep(30)
