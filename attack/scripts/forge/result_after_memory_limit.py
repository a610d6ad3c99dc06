# tries: to have a child killed by the memory limit, and to answer ok by itself
# cgroup: that a child died of the limit is counted by the cgroup
# expect: status memory_limit, limit memory, result null
# limits: memory_bytes=100663296
def main():
    pid = os.fork()
    if pid == 0:
        held = bytearray()
        while True:
            held += b"x" * (1 << 22)
    os.waitpid(pid, 0)
    channel(answer(b'"kept"'))
    return "kept"
