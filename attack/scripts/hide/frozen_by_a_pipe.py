# tries: to survive the end with full output pipes: children that write to what only the supervisor empties
# limits: wall_ms=800 output_bytes=2000000
# within: 8000
# expect: status timeout|output_limit
def main():
    for _ in range(10):
        if os.fork() == 0:
            break
    while True:
        os.write(1, b"x" * 65536)
