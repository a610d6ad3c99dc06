# tries: to find a sibling's processes: by pid, by uid, by group, by a descriptor
# expect: result "slept"
def main():
    for _ in range(5):
        if os.fork() == 0:
            break
    time.sleep(1.1)
    return "slept"


# --- beside
# expect: held ESRCH|EPERM|EINVAL
def main():
    words, own, found = set(), os.getpid(), []
    for pid in range(1, 40_000):
        if pid == own:
            continue
        try:
            os.kill(pid, 0)
            found.append(pid)
        except OSError as e:
            words.add(name_of(e.errno))
            if e.errno == errno.EPERM:
                found.append(pid)
    if [pid for pid in found if pid != 1]:  # 1 is its own jail's, where the script is not that itself
        return f"ESCAPED: processes {found[:100]}"
    uids = []
    for uid in {*range(os.getuid() - 50, os.getuid() + 50), 20000, 65534} - {os.getuid()}:
        try:
            uids.append((uid, os.getpriority(os.PRIO_USER, uid)))
        except OSError as e:
            words.add(name_of(e.errno))
    if len(uids) > (own != 1):
        return f"ESCAPED: uids {uids} have priorities"
    for pid in range(2, 1000):
        fd, error = call("pidfd_open", pid, 0)
        if pid != own and fd >= 0:
            return f"ESCAPED: a pidfd of {pid}"
    return "held: " + " ".join(sorted(words))
