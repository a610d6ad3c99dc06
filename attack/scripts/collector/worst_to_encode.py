# tries: output whose JSON is six times as large, as much of it as it may ask for
# expect: status ok, result "sent", stdout contains "\u0000\u0001\u0000\u0001"
# limits: output_bytes=8388608 wall_ms=10000
def main():
    for _ in range(16):
        os.write(1, b"\x00\x01" * (1 << 16))
    return "sent"
