# tries: to fill both streams in turn, a byte at a time and a megabyte at a time, up to the limit
# expect: status output_limit, limit output
# limits: output_bytes=1200000 wall_ms=10000
# within: 8000
def main():
    while True:
        for n in range(1000):
            os.write(1 + n % 2, b"x")
        os.write(1, b"\x01" * (1 << 20))
        os.write(2, b"\xff" * (1 << 20))
