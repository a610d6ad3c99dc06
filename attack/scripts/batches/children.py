# tries: to print into the answers of a later batch with processes that stay
# send: POST /batches
# body: {"script": "@SCRIPT@", "mode": "program", "cases": [{}, {}, {}]}
# expect: http 200, body contains "\"cases\":3,", body contains "\"infra_error\":0}"
import os
import time

print("held", flush=True)
if os.fork() == 0:
    os.setsid()
    for _ in range(200):
        time.sleep(0.05)
        os.write(1, b"\nleft by an earlier batch\n")
    os._exit(0)
# --- then
# send: POST /batches
# body: {"script": "@SCRIPT@", "mode": "program", "cases": [{"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}]}
# told: answer.stdout
# expect: http 200, body contains "\"accepted\":3,", not body contains "left by"
import time

time.sleep(0.3)
print("held")
