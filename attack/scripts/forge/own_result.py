# tries: to answer by itself before main returns; it may, but only once, and nothing of the rest is its own
# expect: status ok, result {"forged": true}, error none, limit none, signal none
# expect: error NoChannel
# limits: wall_ms=3000
def main():
    channel(answer(b'{"forged": true}'))
    time.sleep(30)
