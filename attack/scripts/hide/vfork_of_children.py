# tries: to block where no signal is handled, many times over: each child of a vfork waits for its own
# limits: wall_ms=400
# within: 8000
# expect: status timeout, limit wall
# expect: held EPERM|ENOSYS
def main():
    for _ in range(20):
        pid, error = call("clone", 0x4000 | 0x100 | 17, 0, 0, 0, 0)  # CLONE_VFORK | CLONE_VM
        if error:
            return f"held: {error}"
        if pid:
            return "ESCAPED: vfork came back"
    time.sleep(60)
