# tries: two calls of one session at a time
# session: beside each other
# expect: status ok, result "slow"
time.sleep(max(4, 0.9 * SLOWNESS))
"slow"
# --- beside
# expect: refused busy
"quick"
