# tries: to get more than one processor's worth of CPU, by many processes and their affinity
# cgroup: without its quota, processes run on every processor
# expect: held
import resource


def main():
    began = time.monotonic()
    for n in range(6):
        if os.fork() == 0:
            try:
                os.sched_setaffinity(0, {n % (os.cpu_count() or 1)})
            except OSError:
                pass
            while time.monotonic() < began + 0.5:
                pass
            os._exit(0)
    for _ in range(6):
        os.wait()
    wall = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    share = (used.ru_utime + used.ru_stime) / wall
    return f"ESCAPED: {share:.2f} processors" if share > 1.6 else "held: one"
