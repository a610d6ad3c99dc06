# tries: one byte more output than its limit, after exactly the limit
# expect: result "all", status ok
# limits: output_bytes=1000
def main():
    os.write(1, b"x" * 1000)
    os.write(2, b"x" * 1000)
    return "all"


# --- then
# expect: status output_limit, limit output
# limits: output_bytes=1000
def main():
    os.write(2, b"x" * 1001)
    return "all"


# --- then
# expect: status output_limit, limit output
# limits: output_bytes=100000 wall_ms=10000
# within: 8000
def main():
    for _ in range(3):
        os.fork()
    while True:
        os.write(1, b"x" * 65536)


# --- then
# expect: status output_limit, limit output
# limits: output_bytes=1000 wall_ms=10000
# within: 8000
def main():
    raise ValueError(os.write(1, b"x" * 2000))
