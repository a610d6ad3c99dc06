# tries: keys that are not strings, that are equal once they are strings, and that JSON cannot represent
# expect: status not_json, message contains "two keys", result null
def main():
    return {1: "a", "1": "b", None: 1, "null": 2, True: 3, 1.5: 4, float("nan"): 5, float("inf"): 6}
# --- then
# expect: status not_json, result null
# expect: status ok, result {"a": {"(1, 2)": 3}}
def main():
    return {"a": {(1, 2): 3}}
# --- then
# expect: status not_json|ok
def main():
    return {b"\xff": 1, "\0": 2, "\ud800": 3, "a" * 1_000_000: 4, "__proto__": {"x": 1}, "constructor": 1}
