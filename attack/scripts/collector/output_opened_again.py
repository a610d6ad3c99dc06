# tries: to wake the service for nothing: has no end of its output open, opens it and closes it again, from several processes
# expect: status ok, result "answered", stdout "printed\n"
# expect: status timeout
# limits: wall_ms=5000
def main():
    os.close(1)
    pids = [os.fork() for _ in range(3)]
    for _ in range(2000):
        os.close(os.open("/dev/stdout", os.O_WRONLY))
    if 0 in pids:
        os._exit(0)
    for pid in pids:
        os.waitpid(pid, 0)
    with open("/dev/stdout", "w") as stdout:
        print("printed", file=stdout)
    return "answered"


# --- beside
# expect: result 1
def main():
    return 1
