# tries: to answer one byte at a time, slower than its wall clock limit allows
# expect: status timeout, limit wall, result null
# expect: error NoChannel
# limits: wall_ms=500
def main():
    for byte in answer(b'"slow"'):
        channel(bytes([byte]))
        time.sleep(0.05 * SLOWNESS)
