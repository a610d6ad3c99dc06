# tries: a result one byte over its limit, after one of exactly the limit
# expect: status ok, result contains "éééé"
# limits: result_bytes=100
def main():
    return "é" * 49  # two bytes each, and two quotes


# --- then
# expect: status output_limit, limit result
# limits: result_bytes=100
def main():
    return "é" * 49 + "x"


# --- then
# expect: status output_limit, limit result
# expect: status memory_limit
# limits: result_bytes=100000
def main():
    shared = ["x" * 1000] * 100
    return [shared] * 100  # small in memory, ten megabytes as JSON


# --- then
# expect: status output_limit, limit result
# expect: status memory_limit
# expect: status timeout
# expect: status not_json
# limits: result_bytes=1000 wall_ms=500
def main():
    laughs = ["ha"]
    for _ in range(40):
        laughs = [laughs] * 10
    return laughs
