# tries: to break the worker with the lowest limits that a request may set
# cgroup: processes and memory are limited by the cgroup
# expect: result 1
# request: {"limits": {"memory_bytes": 16777216, "output_bytes": 1, "result_bytes": 1, "disk_bytes": 65536, "processes": 1}}
def main():
    return 1


# --- then
# expect: status timeout, limit wall|cpu
# limits: wall_ms=1
def main():
    time.sleep(60)


# --- then
# expect: status timeout, limit cpu
# limits: cpu_ms=1
def main():
    while True:
        pass


# --- then
# expect: status exception, error RuntimeError
# limits: processes=1
def main():
    import threading
    threading.Thread(target=print, args=("ESCAPED: a second thread",)).start()


# --- then
# expect: status output_limit, limit result
# limits: result_bytes=1
def main():
    return 10


# --- then
# expect: status exception, error OSError, message contains "No space left"
# limits: disk_bytes=65536
def main():
    with open("file", "wb") as file:
        file.write(bytes(69632))
    return "ESCAPED: a page more than the disk"


# --- then
# expect: status exception, error ValueError
# limits: result_bytes=1
def main():
    raise ValueError
