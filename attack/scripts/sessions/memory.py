# tries: to take all the memory there is, over many calls
# cgroup: memory is limited by the cgroup
# session: one piece a call
# expect: status ok|memory_limit
kept = [b"x" * (100 << 20)]
len(kept)
# --- then
# expect: status ok|memory_limit
# expect: refused gone
kept.append(b"y" * (100 << 20))
# --- then
# expect: status memory_limit
# expect: refused gone
kept.append(b"z" * (100 << 20))
