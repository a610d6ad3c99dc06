# tries: to use up the processes of its uid, which other cells share if there is a single uid
# cgroup: processes are limited by the cgroup
# limits: processes=64 wall_ms=10000
# expect: held EAGAIN
def main():
    made = 0
    try:
        while True:
            if os.fork() == 0:
                time.sleep(5)
                os._exit(0)
            made += 1
    except OSError as e:
        time.sleep(1.2)
        return f"held: {name_of(e.errno)}" if made < 64 else f"ESCAPED: {made} children"


# --- beside
# expect: result [0, 0, 0, 0, 0, 0, 0, 0]
def main():
    return [os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn("/usr/bin/true", ["true"], {}), 0)[1]) for _ in range(8)]
