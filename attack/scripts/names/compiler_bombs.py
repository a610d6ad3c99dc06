# tries: small source that takes the compiler forever, or all the memory
# expect: status ok|exception|timeout|memory_limit|killed
# expect: refused syntax_error
# limits: wall_ms=3000 memory_bytes=134217728
# within: 8000
def main():
    return len(eval("+".join(["('a' * 4096)"] * 300)))


# --- then
# expect: status ok|exception|timeout|memory_limit|killed
# expect: refused syntax_error
# limits: wall_ms=3000 memory_bytes=134217728
# within: 8000
def main():
    return len(compile("f'" + "{1:" * 150 + "}" * 150 + "'", "x", "eval").co_consts)


# --- then
# expect: status ok|exception|timeout|memory_limit|killed
# expect: refused syntax_error
# limits: wall_ms=3000 memory_bytes=134217728
# within: 8000
def main():
    return compile("x = 1\n" * 2_000_000, "x", "exec")
