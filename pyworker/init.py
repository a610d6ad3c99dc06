"""pid 1 of a jail: starts the zygote, reaps, and goes when the zygote goes.

When pid 1 of a pid namespace ends, the kernel kills everything in it: so the
whole jail goes with the zygote. It forks before anything large is imported.
"""

import os
import signal

from pyworker import frames


def main() -> None:
    zygote = os.fork()
    if zygote == 0:
        from pyworker.zygote import main as serve

        serve()
        os._exit(0)
    # The kernel drops signals from within the jail that this process has no handler for,
    # pid_namespaces(7), and SIGINT is the one that Python has a handler for.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pid, status = os.wait()
        if pid == zygote:
            os.write(0, frames.exited(0, status))  # one write is one packet
            os._exit(0)
