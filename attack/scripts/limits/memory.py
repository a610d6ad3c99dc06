# tries: to use more than its memory limit, after a smaller amount that must be granted
# cgroup: memory is limited by the cgroup
# expect: result "kept"
# limits: memory_bytes=67108864
def main():
    held = bytearray(b"x") * (44 << 20)
    return "kept"


# --- then
# expect: status memory_limit, limit memory
# limits: memory_bytes=67108864
def main():
    held = bytearray(b"x") * (68 << 20)
    return "ESCAPED: kept"


# --- then
# expect: status memory_limit, limit memory
# limits: memory_bytes=67108864
def main():
    with open("file", "wb") as file:
        file.write(bytes(34 << 20))
    held = bytearray(b"x") * (34 << 20)
    return "ESCAPED: both kept"
