# tries: to trace a child of its own, which any process may by nature, and to be traced
# expect: held EPERM
PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE = 0, 16, 0x4206


def main():
    pid = os.fork()
    if pid == 0:
        time.sleep(20)
        os._exit(0)
    try:
        return refused({
            "attach": ["ptrace", PTRACE_ATTACH, pid, 0, 0],
            "seize": ["ptrace", PTRACE_SEIZE, pid, 0, 0],
            "be traced": ["ptrace", PTRACE_TRACEME, 0, 0, 0],
            "process 1": ["ptrace", PTRACE_SEIZE, 1, 0, 0],
        })
    finally:
        os.kill(pid, 9)
