# tries: to have the limit cut its output within a character, and to print only such halves
# expect: status output_limit, limit output, stdout contains "\ud83d\ude00\ufffd", result null
# limits: output_bytes=1001
def main():
    os.write(1, "😀".encode() * 1000)
    return 1
