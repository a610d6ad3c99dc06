# tries: the output limit to the byte: as much as is allowed, and one more, on each stream
# expect: status ok, result 1, stdout contains "aaaa"
# limits: output_bytes=1000
def main():
    os.write(1, b"a" * 1000)
    os.write(2, b"b" * 1000)
    return 1
# --- then
# expect: status output_limit, limit output, result null, stdout contains "aaaa"
# limits: output_bytes=1000
def main():
    os.write(1, b"a" * 1001)
    return 1
# --- then
# expect: status output_limit, limit output, result null, stdout "", stderr contains "bbbb"
# limits: output_bytes=1000
def main():
    os.write(2, b"b" * 1001)
    return 1
