# tries: to swap its output with the channel, so that what is printed is a frame and the answer is printed
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error OSError
# limits: wall_ms=10000
def main():
    os.dup2(3, 1)
    print("POST / HTTP/1.1" * 100)
    time.sleep(30)
# --- then
# expect: status exited, result null
# expect: status ok, result "swapped"
# limits: wall_ms=10000
def main():
    os.dup2(1, 3)
    return "swapped"
