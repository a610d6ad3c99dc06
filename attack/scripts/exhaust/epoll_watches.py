# tries: to use up the epoll watches of its uid (fs.epoll.max_user_watches), which hotcell's own poller needs, too
# machine: the limit is 4 % of the machine's memory, for all of one uid; it stops at 60,000 watches
# limits: wall_ms=10000
# expect: held ENOSYS|EPERM|EMFILE|ENOSPC|BOUNDED
# expect: status memory_limit
import select


def fill(w):
    n, why = 0, "BOUNDED"
    try:
        targets = [os.eventfd(0) for _ in range(100)]
        while n < 10_000:
            e = select.epoll()
            targets.append(e)
            for t in targets[:100]:
                e.register(t, 1)
                n += 1
    except OSError as e:
        why = name_of(e.errno)
    os.write(w, f"{why}\n".encode())
    time.sleep(0.5)
    os._exit(0)


def main():
    r, w = os.pipe()
    for _ in range(6):
        if os.fork() == 0:
            fill(w)
    said = ""
    while said.count("\n") < 6:
        said += os.read(r, 100).decode()
    return "held: " + " ".join(sorted(set(said.split())))


# --- beside
# expect: result "served"
def main():
    return "served"
