# tries: to have a program's links and FIFOs come back as the files that they lead to
# send: POST /compat/snekbox/eval
# body: {"input": "@SCRIPT@", "files": [{"path": "x", "content": "eA=="}]}
# raw: it makes the names of files that were sent links
# told: stdout
# expect: http 200, stdout "held", body contains "\"files\":[]"
import os

os.remove("x")
os.symlink("/etc/passwd", "x")
os.symlink("/proc/self/environ", "environ")
os.symlink("/", "root")
os.mkfifo("fifo")
print("held", end="")
# --- then
# send: POST /compat/sandboxfusion/run_code
# body: {"code": "@SCRIPT@", "files": {"x": "eA=="}, "fetch_files": ["x", "environ", "root/etc/passwd", "fifo", "dir"]}
# raw: likewise
# told: run_result.stdout
# expect: http 200, stdout "held", body contains "\"files\":{}"
import os

os.remove("x")
os.symlink("/etc/passwd", "x")
os.symlink("/proc/self/environ", "environ")
os.symlink("/", "root")
os.mkfifo("fifo")
os.mkdir("dir")
print("held", end="")
