# tries: a hundred thousand writes of one byte each
# expect: status ok, result 100000, stdout contains "abababab"
# limits: wall_ms=20000
def main():
    for _ in range(50_000):
        os.write(1, b"a")
        os.write(1, b"b")
    return 100_000
