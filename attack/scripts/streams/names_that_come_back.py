# tries: to have the names of files that snekbox's API brings back hurt whoever writes them
# send: POST /compat/snekbox/eval
# body: {"input": "@SCRIPT@"}
# raw: it only makes files
# told: files.path
# expect: http 200, stdout "%4EUL%E2%80%AEgpj.exeC%3Axa%0Abq\"<b>"
import os

for name in ("a\nb", "C:x", "\u202egpj.exe", "NUL", 'q"<b>'):
    open(name, "w").close()
os.symlink("/etc/passwd", "l")
os.mkfifo("f")
