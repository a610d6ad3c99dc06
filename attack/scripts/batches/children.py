# tries: to print into the answers of later cases with a process that stays
# send: POST /batches
# body: {"script": "@SCRIPT@", "mode": "program", "cases": [{"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}]}
# told: answer.stdout
# expect: http 200, body contains "\"accepted\":12,"
import os
import time

print("held", flush=True)
if os.fork() == 0:
    os.setsid()
    for _ in range(100):
        time.sleep(0.1)
        os.write(1, b"\nESCAPED: into another case\n")
    os._exit(0)
