# tries: to make its own resource limits useless to whoever reads them: lowered to zero, removed, by a child and for pid 0
# expect: result "lowered"
import resource


def main():
    for kind in range(16):
        try:
            resource.setrlimit(kind, (0, resource.getrlimit(kind)[1]))
        except (OSError, ValueError):
            pass
    return "lowered"


# --- then
# expect: result true
import resource


def main():
    return all(resource.getrlimit(kind)[1] != 0 for kind in (resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_STACK, resource.RLIMIT_AS))
