# tries: floods of outputs, in a loop, from threads and from forked children, and outputs that are huge
# request: {"display": true}
# limits: wall_ms=10000
# expect: status output_limit, limit outputs, outputs 100
def main():
    for n in range(20000):
        display(n)


# --- then
# request: {"display": true}
# limits: wall_ms=10000
# expect: status output_limit, limit outputs, outputs 100
import threading


def main():
    def flood():
        for n in range(500):
            display(n)

    threads = [threading.Thread(target=flood) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- then
# request: {"display": true}
# limits: wall_ms=10000
# expect: status ok, result "parent", outputs 1, stdout contains "child"
def main():
    pids = []
    for n in range(5):
        pid = os.fork()
        if pid == 0:
            for _ in range(50):
                display("child")
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
    display("parent")
    return "parent"


# --- then
# request: {"display": true}
# limits: wall_ms=10000 outputs_bytes=1000000
# expect: status output_limit, limit outputs, outputs 1
def main():
    display({"image/png": b"x" * 999_000}, raw=True)
    display({"text/html": "x" * (20 << 20)}, raw=True)
    display({"text/plain": "small"}, raw=True)


# --- then
# request: {"display": true}
# limits: wall_ms=10000
# expect: status ok, outputs 1
def main():
    display({f"text/x{n}": "y" for n in range(10000)}, raw=True, metadata={"m" * 1000: "n" * 10**6})
