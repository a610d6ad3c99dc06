# tries: to change what a sibling has open: its standard input is the same device, and must not be the same open file
# expect: result "changed"
def main():
    end = time.monotonic() + 1.2
    while time.monotonic() < end:
        for flags in (0o4000, 0o6000, 0o2000, 0):
            call("fcntl", 0, 4, flags)
            time.sleep(0.001)
    return "changed"


# --- beside
# expect: result [0]
def main():
    end, seen = time.monotonic() + 0.3, set()
    while time.monotonic() < end:
        seen.add(call("fcntl", 0, 3, 0)[0] & 0o6000)
    return sorted(seen)
