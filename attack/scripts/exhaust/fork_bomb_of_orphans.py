# tries: a fork bomb that never holds still: each process forks twice and ends, in a session of its own
# expect: status timeout, limit wall|cpu
# limits: wall_ms=300 processes=32
def breed():
    while True:
        try:
            for _ in range(2):
                if os.fork() == 0:
                    os.setsid()
                    return breed()
        except (OSError, RecursionError):
            pass
        os._exit(0)


def main():
    if os.fork() == 0:
        breed()
    time.sleep(9)
