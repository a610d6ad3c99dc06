# tries: forged results that are mostly white space, which a reader must walk and a client must load
# expect: status ok|killed
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b" " * 1_000_000 + b"1" + b"\n" * 1_000_000))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer("\u00a01\u2003".encode()))
    time.sleep(30)
