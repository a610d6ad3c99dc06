# tries: to block where no signal is handled: in vfork, whose child never ends
# expect: status timeout, limit wall
# limits: wall_ms=300
def main():
    pid, error = call("clone", 0x4000 | 17, 0, 0, 0, 0)  # CLONE_VFORK
    if pid == 0:
        time.sleep(60)
    return f"ESCAPED: vfork came back with {pid} {error}"
