# tries: to keep others from running with many batches at once
# send: POST /batches
# body: {"script": "@SCRIPT@", "mode": "program", "cases": [{}, {}]}
# times: 4
# told: verdict
# expect: http 200, body contains "\"accepted\":2,"
import time

time.sleep(0.1)
# --- beside
# send: POST /execute
# body: {"script": "def main(): return 'held'"}
# times: 4
# told: result
# within: 30000
# expect: http 200, stdout "held"
