# tries: to starve a sibling: two dozen spinning processes, while a plain request needs a millisecond
# limits: wall_ms=1500 processes=32
# expect: status timeout, limit wall|cpu
def main():
    for _ in range(24):
        if os.fork() == 0:
            break
    while True:
        pass


# --- beside
# expect: result 4950
# within: 8000
def main():
    return sum(range(100))


# --- beside
# expect: result 4950
# within: 8000
def main():
    return sum(range(100))
