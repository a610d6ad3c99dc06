# tries: to use up its CPU time in children that have exited, and to answer ok
# cgroup: processor time of children that are gone is measured by the cgroup
# expect: status timeout, limit cpu, result null
# limits: cpu_ms=300 wall_ms=20000
def main():
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            end = time.process_time() + 0.5 * SLOWNESS
            while time.process_time() < end:
                pass
            os._exit(0)
        os.waitpid(pid, 0)
    channel(answer(b'"kept"'))
    return "kept"
