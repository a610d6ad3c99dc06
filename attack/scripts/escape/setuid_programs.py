# tries: to run every setuid and setgid program that it finds, and looks whether one gave it another identity
# expect: held NONE|NO_NEW_PRIVS|ENOENT
import stat
import subprocess


def main():
    found = []
    for directory in ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/lib/openssh", "/usr/lib/dbus-1.0", "/usr/libexec"):
        try:
            names = os.listdir(directory)
        except OSError:
            continue
        for name in names:
            path = os.path.join(directory, name)
            try:
                mode = os.stat(path).st_mode
            except OSError:
                continue
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                found.append(path)
    for program, *arguments in (("/usr/bin/su", "-c", "id -u"), ("/usr/bin/sudo", "-n", "id", "-u"), ("/usr/bin/pkexec", "id", "-u"),
                                ("/usr/bin/sg", "root", "-c", "id -g"), ("/usr/bin/mount",), ("/usr/bin/newgrp",)):
        if program in found:
            run = subprocess.run([program, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=5)
            if run.stdout.strip() == "0":
                return f"ESCAPED: {program} made it root"
    if not found:
        return "held: NONE"
    return "held: NO_NEW_PRIVS" if call("prctl", 39, 0, 0, 0, 0)[0] == 1 else f"ESCAPED: {found[0]} would be honoured"
