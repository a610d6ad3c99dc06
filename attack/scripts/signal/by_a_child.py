# tries: to have its worker killed by a child, while it answers
# expect: result "answered"
# expect: status killed, signal SIGKILL
def main():
    worker = os.getpid()
    if os.fork() == 0:
        os.setsid()
        while True:
            os.kill(worker, 9)
    time.sleep(0.05)
    return "answered"


# --- then
# expect: result "answered"
# expect: status timeout, limit wall
# limits: wall_ms=300
def main():
    worker = os.getpid()
    if os.fork() == 0:
        while True:
            os.kill(worker, 19)  # SIGSTOP
    time.sleep(0.05)
    return "answered"
