# tries: to have links, FIFOs and directories in an Azure session lead its addresses for files elsewhere, or hold them
# through: azure
# raw: it leaves what the requests meet
# expect: http 200, stdout contains "held: 7"
import os

os.symlink("/etc/passwd", "link")
os.symlink("/", "root")
os.symlink("loop", "loop")
os.mkfifo("fifo")
os.mkdir("dir")
open("own", "w").close()
os.link("own", "hard")
print("held:", len(os.listdir(".")))
# --- then
# send: GET /compat/azure/files/content/@NAME@?identifier=@RUN@
# each: @NAME@ "link" "root/etc/passwd" "root/proc/self/environ" "loop" "fifo" "dir" "root"
# expect: http 404|409
# --- then
# send: GET /compat/azure/files?identifier=@RUN@
# expect: http 200, not body contains "link", not body contains "root", not body contains "fifo"
# --- then
# send: POST /compat/azure/files/upload?identifier=@RUN@
# form: name="file"; filename="@NAME@"
# body: x
# each: @NAME@ "root/etc/x" "root/x" "loop/x" "fifo/x" "dir"
# expect: http 400|409
# --- then
# send: POST /compat/azure/files/upload?identifier=@RUN@
# form: name="file"; filename="@NAME@"
# body: x
# each: @NAME@ "link" "fifo" "hard"
# expect: http 200|400|409
# --- then
# raw: a file is replaced, and nothing is written through it
# expect: http 200, stdout contains "held: 0 True"
print("held:", os.stat("own").st_size, open("/etc/passwd").read() != "x")
