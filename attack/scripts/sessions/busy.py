# tries: two calls of one session at a time
# session: beside each other
# expect: status ok, result "slow"
time.sleep(1.5)
"slow"
# --- beside
# expect: refused busy
"quick"
