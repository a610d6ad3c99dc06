# tries: to read its output before the service does, at both ends of the pipe and as long as it runs, and to fill it; only its own is missing then
# expect: result "answered"
def main():
    os.chmod("/box/etc/stdout", 0o600)
    ends = [os.open("/dev/stdout", flags | os.O_NONBLOCK) for flags in (os.O_RDONLY, os.O_RDWR, os.O_WRONLY)]
    for _ in range(2000):
        os.write(1, b"taken\n")
        try:
            os.read(ends[0], 1 << 16)
        except BlockingIOError:
            pass
    return "answered"


# --- then
# expect: result "answered", stdout "printed\n"
def main():
    print("printed")
    return "answered"
