# tries: to stay in one write: gigabytes of zeros through its disk and its pipes, with the largest vectors
# limits: wall_ms=500
# within: 8000
# expect: status timeout, limit wall|cpu
def main():
    zero, null = os.open("/dev/zero", os.O_RDONLY), os.open("/dev/null", os.O_WRONLY)
    buffer = bytearray(4 << 20)
    vectors = [buffer] * 512
    while True:
        os.readv(zero, vectors)
        os.writev(null, vectors)
