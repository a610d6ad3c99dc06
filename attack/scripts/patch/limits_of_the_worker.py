# tries: to take from the worker what it needs to answer: memory, descriptors, time, stack, by limits that it lowers
# expect: status ok|exception|killed|exited|timeout|memory_limit
# limits: wall_ms=4000
import resource


def main():
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_STACK):
        resource.setrlimit(kind, (0, 0))
    return ["x" * 1000] * 1000


# --- then
# expect: status ok|exception|killed|exited|timeout
# limits: wall_ms=4000
import resource


def main():
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    while True:
        pass
