# tries: a result that is nested too deep for its reader, by dicts, tuples, and all kinds in turn, each with its own conversion to JSON
# expect: status not_json, result null
def main():
    value = {}
    for _ in range(1500):
        value = {"a": value}
    return value


# --- then
# expect: status not_json, result null
def main():
    value = ()
    for _ in range(1500):
        value = (value,)
    return value


# --- then
# expect: status not_json, result null
def main():
    value = 1
    for n in range(900):
        value = [value, {"a": (value,)}][n % 2:n % 2 + 1]
    return value
