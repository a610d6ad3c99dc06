# tries: a million writes of zero bytes, and reads from its own output, to keep the reader awake
# expect: status ok, result "written"
# expect: status timeout
# limits: wall_ms=6000
def main():
    for _ in range(200_000):
        os.write(1, b"")
        os.write(2, b"")
    for fd in (1, 2):
        try:
            os.read(fd, 1)
            return "ESCAPED: its output can be read"
        except OSError:
            pass
    return "written"
