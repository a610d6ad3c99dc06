# tries: to print forever, as fast as it can, on both streams
# expect: status output_limit, limit output, result null, stdout contains "yyyy"
# limits: wall_ms=10000
# within: 8000
def main():
    while True:
        os.write(1, b"y" * 65536)
        os.write(2, b"n" * 65536)
