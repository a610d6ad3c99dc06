"""How os.system answers, compared with Python's own."""

import subprocess
import sys

_SCRIPT = """
import contextlib, os, signal, sys

if sys.argv[1] == "in a cell":
    from pyworker import children

    children.prepare()
    children.begin()

def wait_for_all(*_):
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass

def let_it_end(*_):
    with contextlib.suppress(ChildProcessError):
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)

signals = (signal.SIGINT, signal.SIGQUIT, signal.SIGCHLD)
print(os.system("exit 3"), os.system("kill -9 $$"), os.system("kill -INT $PPID"), os.system(": " + "x" * (1 << 18)))
signal.signal(signal.SIGALRM, let_it_end)
signal.signal(signal.SIGCHLD, wait_for_all)
before = [signal.getsignal(number) for number in signals]
print(os.system("kill -ALRM $PPID; exit 3"))
print(before == [signal.getsignal(number) for number in signals], signal.pthread_sigmask(signal.SIG_BLOCK, ()))
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print(os.system("exit 3"))
"""


def test_system_answers_as_python_does() -> None:
    answers = [
        subprocess.run([sys.executable, "-c", _SCRIPT, where], capture_output=True, text=True)
        for where in ("in a cell", "outside")
    ]
    assert answers[0].stdout == answers[1].stdout == "768 9 0 32512\n768\nTrue set()\n-1\n", answers
