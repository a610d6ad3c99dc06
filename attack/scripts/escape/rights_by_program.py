# tries: to gain rights by what a program brings: file capabilities, setgid, ld.so's variables, an interpreter line
# expect: held SAME
import subprocess


def main():
    own = (os.getuid(), os.getgid())
    for path, variables in (("/usr/bin/id", {"LD_PRELOAD": "/box/work/x.so", "LD_LIBRARY_PATH": "/box/work"}), ("/usr/bin/id", {"LD_AUDIT": "/box/work/x.so"}),
                            ("/usr/bin/id", {"GLIBC_TUNABLES": "glibc.malloc.mxfast=glibc.malloc.mxfast=A" * 100}), ("/usr/bin/id", {"LD_DEBUG": "all"})):
        run = subprocess.run([path, "-u"], env=variables, capture_output=True, text=True, timeout=10)
        if run.stdout.strip() not in (str(own[0]), ""):
            return f"ESCAPED: {run}"
    code = "import os; print(*os.getresuid(), *os.getresgid())"
    run = subprocess.run([sys.executable, "-Ic", code], capture_output=True, text=True, timeout=10)
    return "held: SAME" if set(run.stdout.split()) == {str(n) for n in own} else f"ESCAPED: {run}"
