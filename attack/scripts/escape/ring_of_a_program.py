# tries: to leave its layers of isolation by becoming another program: children by exec, by a memory file, by a shell, each of which tries again
# expect: held REFUSED
import subprocess

CODE = """
import os
for attempt in (lambda: os.open('/usr/bin/env', os.O_WRONLY), lambda: os.mkdir('/usr/new'), lambda: os.mkdir('/dev/new'),
                lambda: os.mknod('/box/work/dev', 0o20600, os.makedev(1, 3)), lambda: os.listdir('/proc/1'), lambda: os.listdir('/root'), lambda: os.truncate('/usr/bin/env', 0)):
    try:
        attempt()
        print('ESCAPED')
    except OSError:
        print('refused')
"""


def main():
    said = set()
    for command in ([sys.executable, "-Ic", CODE], ["/bin/sh", "-c", 'exec "$0" -Ic "$1"', sys.executable, CODE]):
        run = subprocess.run(command, capture_output=True, text=True, timeout=20)
        said |= set(run.stdout.split()) or {run.stderr[-100:]}
    memory = os.memfd_create("python")
    with open(os.path.realpath(sys.executable), "rb") as file:
        os.write(memory, file.read())
    r, w = os.pipe()
    if os.fork() == 0:
        os.dup2(w, 1)
        os.execve(memory, [sys.executable, "-Ic", CODE], {"PYTHONHOME": sys.base_prefix})
    os.close(w)
    with os.fdopen(r) as pipe:
        said |= set(pipe.read().split())
    return "held: REFUSED" if said == {"refused"} else f"ESCAPED: {said}"
