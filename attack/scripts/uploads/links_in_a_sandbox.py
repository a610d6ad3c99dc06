# tries: to have links, FIFOs, sockets and directories in a sandbox lead its addresses for files elsewhere, or hold them
# through: e2b
# raw: it leaves what the requests meet
# expect: http 200, stdout contains "held: 8"
import os
import socket

os.symlink("/etc/passwd", "link")
os.symlink("/", "root")
os.symlink("loop", "loop")
os.mkfifo("fifo")
os.mkdir("dir")
os.symlink("/dev/zero", "zero")
open("own", "w").close()
os.link("own", "hard")
print("held:", len(os.listdir(".")))
# --- then
# send: GET /compat/e2b/files?path=@NAME@
# header: E2b-Sandbox-Id: @BOX@
# each: @NAME@ "link" "root/etc/passwd" "root/proc/self/environ" "loop" "fifo" "dir" "zero" "root"
# expect: http 400|404
# --- then
# send: POST /compat/e2b/files?path=@NAME@
# header: E2b-Sandbox-Id: @BOX@
# header: Content-Type: application/octet-stream
# body: x
# each: @NAME@ "root/etc/x" "root/x" "loop/x" "fifo/x" "dir" "zero/x"
# expect: http 400
# --- then
# send: POST /compat/e2b/files?path=@NAME@
# header: E2b-Sandbox-Id: @BOX@
# header: Content-Type: application/octet-stream
# body: x
# each: @NAME@ "link" "fifo" "zero" "hard"
# expect: http 200|400
# --- then
# raw: a file is replaced, and nothing is written through it
# expect: http 200, stdout contains "held: 0 True"
print("held:", os.stat("own").st_size, open("/etc/passwd").read() != "x")
