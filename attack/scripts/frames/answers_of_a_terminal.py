# tries: frames that belong to terminals and sessions, in a plain run: output, sizes, a second run, a hang-up
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    for kind in (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 14, 15, 100, 255):
        channel(frame(kind, b"{}\n"))
    time.sleep(30)
