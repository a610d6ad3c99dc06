# tries: integers whose digits take longer to write than to compute
# expect: status timeout, limit cpu|wall, result null
# expect: status output_limit, result null
# limits: cpu_ms=500 wall_ms=3000
def main():
    return 7 ** 40_000_000
# --- then
# expect: status ok, not result null
def main():
    return 10 ** 5000 + 1
