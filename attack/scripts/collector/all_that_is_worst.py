# tries: the maximum of everything at once: both streams, files and a result, of what is longest once encoded
# request: {"collect": ["*"]}
# expect: status ok|output_limit
# limits: wall_ms=15000
# within: 20000
def main():
    for n in range(4):
        os.write(1, b"\x01" * (1 << 18))
        os.write(2, b"\x01" * (1 << 18))
    for n in range(10):
        with open(f"f{n}", "wb") as file:
            file.write(b"\x01" * (1 << 18))
    return "\x01" * (1 << 18)


# --- beside
# expect: result 1
# within: 8000
def main():
    return 1
