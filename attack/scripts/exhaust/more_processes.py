# tries: more processes than it was given: by fork, vfork and exec, clone with shared files, and threads, living and dead
# cgroup: processes are limited by the cgroup
# expect: held EAGAIN
# limits: processes=8
import subprocess
import threading


def forked():
    pid = os.fork()
    if pid == 0:
        time.sleep(9)
    return pid


def cloned():
    pid, error = call("clone", 0x600 | 17, 0, 0, 0, 0)  # CLONE_FS | CLONE_FILES
    if pid == 0:
        time.sleep(9)
    if error:
        raise OSError(getattr(errno, error), error)
    return pid


def zombie():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return pid


def main():
    words = set()
    for make in (forked, cloned, zombie, lambda: subprocess.Popen(["sleep", "9"]).pid):
        made = []
        try:
            while True:
                made.append(make())
                if len(made) > 7:
                    return f"ESCAPED: {len(made)} children of 8 processes"
        except OSError as e:
            words.add(name_of(e.errno))
        for pid in made:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
    threads = []
    try:
        while len(threads) < 8:
            thread = threading.Thread(target=time.sleep, args=(9,), daemon=True)
            thread.start()
            threads.append(thread)
        return "ESCAPED: 8 threads beside the first"
    except RuntimeError:
        return "held: " + " ".join(sorted(words))
