# tries: to leave children behind that ignore every signal, and have their work count for nobody
# cgroup: the processor time of children is counted by the cgroup
# session: the call is interrupted, its children are not
# limits: wall_ms=500
# within: 8000
# expect: status timeout, limit wall, error KeyboardInterrupt
# expect: status timeout, limit wall, not error KeyboardInterrupt
import signal

for _ in range(4):
    if os.fork() == 0:
        os.setsid()
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            try:
                signal.signal(number, signal.SIG_IGN)
            except OSError:  # two are glibc's own
                pass
        while True:
            pass
time.sleep(60)
# --- then
# limits: wall_ms=20000 cpu_ms=400
# within: 18000
# expect: status timeout, limit cpu
# expect: refused gone
time.sleep(60)
