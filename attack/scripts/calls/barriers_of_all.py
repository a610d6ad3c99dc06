# tries: membarrier, whose commands interrupt every processor of the machine, or those of processes that registered
# expect: held ENOSYS|EPERM
def main():
    attempts = {f"command {1 << n}": ["membarrier", 1 << n, 0, 0] for n in range(11)}
    attempts |= {"query": ["membarrier", 0, 0, 0], "one processor": ["membarrier", 1 << 7, 1, 0]}
    return refused(attempts)
