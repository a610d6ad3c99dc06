# tries: the same by dicts, tuples, and all kinds in turn, each of which has a way of its own into JSON
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
