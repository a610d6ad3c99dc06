# tries: the plain fork bomb: every process forks as often as it can
# expect: status timeout, limit wall|cpu
# limits: wall_ms=300 processes=32
def main():
    while True:
        try:
            os.fork()
        except OSError:
            pass
