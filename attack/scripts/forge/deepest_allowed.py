# tries: to be refused what is allowed: 499 nested lists are a result, with both encoders
# expect: status ok
def main():
    value = 1
    for _ in range(499):
        value = [value]
    return value


# --- then
# expect: status ok
def main():
    value = float("nan")
    for _ in range(499):
        value = {"a": value}
    return value
