# tries: to kill whoever is there: all processes, its group, its session, process 1, its parent, by pids and descriptors
# expect: held
import signal


def main():
    words = set()
    own = os.getpid()
    others = (-1, 1, os.getppid(), -os.getsid(0), -os.getpgrp(), 2, 3, 4)
    for pid in others:
        if pid in (0, own, -own):
            continue
        for number in (9, 15, 1, 10, 64):
            try:
                os.kill(pid, number)
                words.add("SENT" if 1 not in (pid, own) else "OWN_INIT")  # which ignores it: this goes on
            except OSError as e:
                words.add(name_of(e.errno))
    for pid in range(1, 200):
        fd, error = call("pidfd_open", pid, 0)
        if fd >= 0 and pid != own:
            words.add(call("pidfd_send_signal", fd, 9, None, 0)[1] or (f"KILLED{pid}" if pid > 1 else "OWN_INIT"))
    wrong = words - {"ESRCH", "EPERM", "ENOSYS", "OWN_INIT"}
    return f"ESCAPED: {wrong}" if wrong else "held: " + " ".join(sorted(words))
