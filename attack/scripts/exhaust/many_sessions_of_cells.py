# tries: cells that are slow to set up: the least memory, many processes at once, repeatedly, each ended at once
# limits: wall_ms=1 memory_bytes=16777216 processes=1
# expect: status timeout|ok|exited|memory_limit
def main():
    return 1


# --- beside
# limits: wall_ms=1
# expect: status timeout
def main():
    time.sleep(60)


# --- beside
# limits: wall_ms=1
# expect: status timeout
def main():
    time.sleep(60)


# --- beside
# expect: result 1
# within: 8000
def main():
    return 1
