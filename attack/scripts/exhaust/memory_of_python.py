# tries: to fill the memory with one large object, with many small ones, and to catch its end
# cgroup: memory is limited by the cgroup
# expect: status memory_limit, limit memory
# limits: memory_bytes=33554432
def main():
    try:
        held = [bytearray(1 << 20) for _ in range(1 << 20)]
    except BaseException:
        held = None
    return held


# --- then
# expect: status memory_limit, limit memory
# limits: memory_bytes=33554432
def main():
    held = []
    while True:
        try:
            held.append({len(held): [str(len(held))]})
        except BaseException:
            pass
