# tries: to keep the zygote from creating cells: endless forks, exits and orphans in two cells
# limits: wall_ms=1500 processes=24
# expect: status timeout, limit wall|cpu
def main():
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
                if os.fork():
                    os._exit(0)
                time.sleep(0.01)
                os._exit(0)
            os.wait()
        except OSError:
            pass


# --- beside
# limits: wall_ms=800
# expect: status timeout|exited
def main():
    os.kill(os.getpid(), 19)
    time.sleep(9)


# --- beside
# expect: result "made"
# within: 8000
def main():
    return "made"
