# tries: to reach the attacker's listener on loopback through the programs of the system: bash, perl, a Python of its own
# expect: held NOTHING
import shutil
import subprocess

HOST, PORT = LISTENER.split(":")


def main():
    attempts = [
        ["bash", "-c", f"exec 9<>/dev/tcp/{HOST}/{PORT} && echo reached"],
        ["perl", "-MIO::Socket::INET", "-e", f"print 'reached' if IO::Socket::INET->new(PeerAddr=>'{HOST}:{PORT}', Timeout=>2)"],
        [sys.executable, "-Ic", f"import socket; socket.create_connection(('{HOST}', {PORT}), 2); print('reached')"],
    ]
    for command in attempts:
        if shutil.which(command[0]):
            run = subprocess.run(command, capture_output=True, text=True, timeout=5, stdin=subprocess.DEVNULL)
            if "reached" in run.stdout:
                return f"ESCAPED: {command[0]} reached it"
    return "held: NOTHING"
