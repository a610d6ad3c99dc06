"""pid 1 of a jail: starts the zygote, reaps children, and exits when the zygote exits.

When pid 1 of a pid namespace exits, the kernel kills everything in the namespace, so
the whole jail ends with the zygote. It forks before anything large is imported.
"""

import os
import signal

from pyworker import frames


def main() -> None:
    zygote = os.fork()
    if zygote == 0:
        from pyworker import forks

        forks.watch()
        from pyworker.zygote import main as serve

        serve()
        os._exit(0)
    # The kernel drops signals from within the jail for which this process has no handler,
    # pid_namespaces(7). SIGINT is the only one for which Python installs a handler.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pid, status = os.wait()
        if pid == zygote:
            os.write(0, frames.exited(0, status))  # one write is one packet
            os._exit(0)
