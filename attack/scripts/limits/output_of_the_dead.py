# tries: more output than its limit, by processes that are dead when it is counted, each with a little
# expect: status output_limit, limit output
# limits: output_bytes=100000 wall_ms=20000
# within: 15000
def main():
    while True:
        if os.fork() == 0:
            os.write(1, b"x" * 5000)
            os._exit(0)
        os.wait()
