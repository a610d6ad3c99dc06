# tries: memory in full pipes, which belongs to no process
# cgroup: pages in pipes are charged to who wrote them
# limits: memory_bytes=33554432 wall_ms=10000
# expect: status memory_limit, limit memory
# expect: held EMFILE
def main():
    for _ in range(60):
        try:
            if os.fork() == 0:
                break
        except OSError:
            break
    try:
        while True:
            r, w = os.pipe()
            os.set_blocking(w, False)
            try:
                while True:
                    os.write(w, bytes(65536))
            except BlockingIOError:
                pass
    except OSError as e:
        time.sleep(2)
        return f"held: {name_of(e.errno)}"
