# tries: to write with the largest vectors that there are, beyond the limit in one call
# expect: status output_limit, limit output
# limits: output_bytes=1000000 wall_ms=10000
# within: 8000
def main():
    piece = b"x" * (1 << 16)
    while True:
        os.writev(1, [piece] * 1024)
