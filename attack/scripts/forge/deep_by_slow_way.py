# tries: a result that is nested too deep for its reader, by the slow encoder: with a NaN at the bottom, keys that are not strings, subclasses
# expect: status not_json, result null
def main():
    value = [float("nan")]
    for _ in range(600):
        value = [value]
    return value


# --- then
# expect: status not_json, result null
def main():
    value = {}
    for n in range(600):
        value = {(n,) if n % 100 == 0 else n: value}
    return value


# --- then
# expect: status not_json, result null
class Nested(list):
    pass


def main():
    value = Nested()
    for _ in range(700):
        value = Nested([value])
    return value
