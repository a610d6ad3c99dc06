# tries: to exceed the output limit and answer ok before that is noticed
# expect: status output_limit, limit output, result null, stdout contains "aaaa"
# expect: error NoChannel
# limits: output_bytes=1000
def main():
    os.write(1, b"a" * 5000)
    channel(answer(b'"kept"'))
    return "kept"
