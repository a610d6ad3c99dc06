# tries: to answer by itself with a result over the limit, where the frame has room for a long traceback
# expect: status killed, error ProtocolError, result null
# expect: status output_limit, limit result, result null
# expect: error NoChannel
# limits: result_bytes=1000 wall_ms=10000
def main():
    channel(answer(b'"' + b"x" * 400_000 + b'"'))
    time.sleep(30)
