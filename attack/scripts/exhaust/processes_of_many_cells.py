# tries: to use up the processes of one uid by several cells, each within its own limit
# cgroup: processes are limited by the cgroup; without one cells share one limit where they share one uid
# limits: processes=100 wall_ms=10000
# expect: held
def fill():
    made = 0
    try:
        while True:
            if os.fork() == 0:
                time.sleep(5)
                os._exit(0)
            made += 1
    except OSError:
        pass
    return made


def main():
    made = fill()
    time.sleep(2.5)
    return f"held: {made}"


# --- beside
# limits: processes=100 wall_ms=10000
# expect: held
def main():
    made = 0
    try:
        while True:
            if os.fork() == 0:
                time.sleep(5)
                os._exit(0)
            made += 1
    except OSError:
        pass
    time.sleep(1.8)
    return f"held: {made}"


# --- beside
# expect: result "forked"
def main():
    pids = [os.fork() for _ in range(3)]
    if 0 in pids:
        time.sleep(0.2)
        os._exit(0)
    for pid in pids:
        os.waitpid(pid, 0)
    return "forked"
