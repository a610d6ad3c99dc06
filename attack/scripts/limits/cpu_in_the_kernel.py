# tries: more processor time than it was given, all of it in the kernel
# cgroup: the time in the kernel counts, too
# limits: cpu_ms=300 wall_ms=20000
# within: 15000
# expect: status timeout, limit cpu
def main():
    fd = os.open("/dev/zero", os.O_RDONLY)
    buffer = bytearray(16 << 20)
    while True:
        os.readv(fd, [buffer])
