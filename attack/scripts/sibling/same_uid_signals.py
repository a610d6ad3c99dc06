# tries: to signal, slow and limit whoever has its uid, which may be all cells: by user, by group, by every process number
# expect: held ESRCH|EPERM|EINVAL|OWN_INIT
import resource


def main():
    words, own = set(), os.getpid()
    for pid in range(1, 400):
        if pid == own:
            continue
        for act in (lambda: os.kill(pid, 19), lambda: os.setpriority(os.PRIO_PROCESS, pid, 17), lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (1, 1))):
            if pid == 1 and call("getpriority", 0, 1)[1] is None:
                words.add("OWN_INIT")
                continue
            try:
                act()
                return f"ESCAPED: {pid}"
            except OSError as e:
                words.add(name_of(e.errno))
    return "held: " + " ".join(sorted(words))


# --- beside
# expect: result [false, 256]
import resource


def main():
    time.sleep(0.3)
    return [os.getpriority(os.PRIO_PROCESS, 0) == 17, resource.getrlimit(resource.RLIMIT_NOFILE)[0]]
