# tries: to be killed for memory that it has freed, or to escape the kill for memory that it takes again and again
# cgroup: the limit holds for what is used at a time
# limits: memory_bytes=67108864 wall_ms=10000
# expect: result "given back"
def main():
    for _ in range(30):
        held = bytearray(b"x") * (24 << 20)
        del held
    return "given back"


# --- then
# limits: memory_bytes=67108864 wall_ms=10000
# expect: status memory_limit, limit memory
def main():
    held = []
    for n in range(1000):
        held.append(bytearray(b"x") * (1 << 20))
    return "ESCAPED: a gigabyte"
