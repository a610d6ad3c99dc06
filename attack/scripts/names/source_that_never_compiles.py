# tries: source that takes the compiler forever or all the memory: the worker compiles it within the cell's limits
# replace: @PLUS@ "+a" 3000
# expect: status ok|exception|killed|timeout|memory_limit
# expect: refused syntax_error
# limits: wall_ms=4000 memory_bytes=134217728
# within: 8000
a = 1


def main():
    return a@PLUS@


# --- then
# replace: @ELSE@ "1 if a else " 2000
# expect: status ok|exception|killed|timeout|memory_limit
# expect: refused syntax_error
# limits: wall_ms=4000 memory_bytes=134217728
# within: 8000
a = 0


def main():
    return @ELSE@2


# --- then
# replace: @TRY@ "\n    try: a = 1\n    except: pass" 5000
# expect: status ok|exception|killed|timeout|memory_limit
# expect: refused syntax_error
# limits: wall_ms=4000 memory_bytes=134217728
# within: 8000
def main():
    a = 0@TRY@
    return a
