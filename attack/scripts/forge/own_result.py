# tries: to answer by itself before main returns, which is allowed once; the rest of the answer is not its own
# expect: status ok, result {"forged": true}, error none, limit none, signal none
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b'{"forged": true}'))
    time.sleep(30)
