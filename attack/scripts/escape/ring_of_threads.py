# tries: to leave its layers of isolation by threads, sessions and grandchildren, which inherit them from their creator
# expect: held REFUSED
import threading

said = set()


def attempts():
    for attempt in (lambda: os.open("/usr/bin/env", os.O_WRONLY), lambda: os.mkdir("/usr/new"), lambda: os.listdir("/proc/1"),
                    lambda: os.mknod("dev", 0o20600, os.makedev(1, 3)), lambda: os.open("/dev/sda", os.O_RDONLY), lambda: os.truncate("/usr/bin/env", 0)):
        try:
            attempt()
            said.add("ESCAPED")
        except OSError:
            said.add("REFUSED")
    return said


def main():
    threads = [threading.Thread(target=attempts) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def grandchild():
        os.setsid()
        return in_child(lambda: " ".join(attempts()))

    said.add(in_child(grandchild))
    value, error = call("clone", 0x200 | 17, 0, 0, 0, 0)  # CLONE_FS: shares the root with its maker
    if value == 0:
        os.chdir("/")
        os._exit(0 if attempts() == {"REFUSED"} else 1)
    said.add("REFUSED" if error or os.waitstatus_to_exitcode(os.waitpid(value, 0)[1]) == 0 else "ESCAPED")
    return "held: REFUSED" if said == {"REFUSED"} else f"ESCAPED: {said}"
