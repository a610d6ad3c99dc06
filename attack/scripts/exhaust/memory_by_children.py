# tries: memory that no single one of many processes has
# cgroup: memory of many processes is limited by the cgroup
# expect: status memory_limit, limit memory
# limits: memory_bytes=33554432 wall_ms=10000
def main():
    for _ in range(24):
        if os.fork() == 0:
            held = bytearray(b"x") * (3 << 20)
            time.sleep(9)
    time.sleep(9)


# --- then
# expect: status memory_limit, limit memory
# limits: memory_bytes=33554432 wall_ms=10000
def main():
    while True:  # a child that is killed for it is replaced at once
        pid = os.fork()
        if pid == 0:
            held = [bytearray(b"x") * (1 << 20) for _ in range(64)]
        try:
            os.waitpid(pid, 0)
        except BaseException:
            pass
