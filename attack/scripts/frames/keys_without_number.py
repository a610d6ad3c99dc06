# tries: a forged result with a million keys, all alike, all different, and all with the same hash in some languages
# expect: status ok|killed|output_limit
# expect: error NoChannel
# limits: wall_ms=10000
# within: 8000
def main():
    channel(answer(b"{" + b",".join(b'"a":1' for _ in range(300_000)) + b"}"))
    time.sleep(30)


# --- then
# expect: status ok|killed|output_limit
# expect: error NoChannel
# limits: wall_ms=10000
# within: 8000
def main():
    channel(answer(b"{" + b",".join(b'"%d":1' % n for n in range(300_000)) + b"}"))
    time.sleep(30)
