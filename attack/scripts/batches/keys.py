# tries: to find what the batch of another tenant leaves, or to run one without a key
# keys: a tenant's batch beside another's
# send: POST /batches
# body: {"script": "@SCRIPT@", "mode": "program", "cases": [{"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}]}
# told: answer.stdout
# expect: http 200, body contains "\"accepted\":3,"
import os
import time

found = []
for place in ".", "/tmp", "/dev/shm", "/var/tmp":
    try:
        found += [name for name in os.listdir(place) if "tenant" in name]
        open(os.path.join(place, "tenant"), "w").close()
    except OSError:
        pass
time.sleep(0.05)
print("ESCAPED:", found) if found else print("held")
# --- beside
# send: POST /batches
# key: other
# body: {"script": "@SCRIPT@", "mode": "program", "cases": [{"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}, {"stdin": "", "expected_stdout": "held"}]}
# told: answer.stdout
# expect: http 200, body contains "\"accepted\":3,"
import os
import time

found = []
for place in ".", "/tmp", "/dev/shm", "/var/tmp":
    try:
        found += [name for name in os.listdir(place) if "tenant" in name]
        open(os.path.join(place, "tenant"), "w").close()
    except OSError:
        pass
time.sleep(0.05)
print("ESCAPED:", found) if found else print("held")
# --- then
# send: POST /batches
# key: none
# body: {"script": "print('ran')", "cases": [{}]}
# expect: http 401, not body contains "ran"
