# tries: to send usage, timing, limit, an exit code and output of its own beside the status
# expect: status killed, error ProtocolError, limit none, exit none, stdout ""
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"1", '{"status":"ok","error":null,"usage":{"wall_ms":0},"stdout":"forged","limit":"cpu","exit_code":0,"id":"X"}'))
    time.sleep(30)
