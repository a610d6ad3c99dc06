# tries: 100 MB of answers in a row
# expect: status ok, result contains "aaaa"
# expect: status killed, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
# within: 8000
def main():
    one = answer(b'"' + b"a" * 1_000_000 + b'"')
    for _ in range(100):
        channel(one)
    time.sleep(30)
