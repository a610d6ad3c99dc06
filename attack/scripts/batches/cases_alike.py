# tries: to leave something for the other cases of its batch, and to find what they leave
# send: POST /batches
# body: {"script": "@SCRIPT@", "mode": "program", "cases": [{"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}]}
# told: answer.stdout
# expect: http 200, body contains "\"accepted\":4,", body contains "\"not_run\":0,"
import os
import sys
import time

MARK = "left_by_a_case"
found = [name for name in sys.modules if MARK in name] + [name for name in os.environ if MARK in name]
places = [".", "/tmp", "/dev/shm", "/var/tmp", "/run", "/work", "/env", "/hotcell"]
for place in places:
    try:
        found += [os.path.join(place, name) for name in os.listdir(place) if MARK in name]
    except OSError:
        pass
for place in places:
    try:
        open(os.path.join(place, MARK), "w").close()
    except OSError:
        pass
os.environ[MARK] = "x"
sys.modules[MARK] = sys
time.sleep(0.05)  # beside others
print("ESCAPED:", found) if found else print("held")
