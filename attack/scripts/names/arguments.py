# tries: argument names that are not identifiers, numbers that no float can represent, lone surrogates
# expect: status ok, result ["", "a b", "class", "self", "\ufffd"]
# expect: status ok, not result null
# expect: refused invalid_json|invalid_request
# request: {"kwargs": {"": 1, "a b": 2, "class": 3, "self": 4, "\ud800": 5}}
def main(**kwargs):
    return list(kwargs)
# --- then
# expect: status ok, not result null
# expect: status exception, result null
# expect: refused invalid_json|invalid_request
# request: {"args": [1e400, -0.0, 123456789012345678901234567890123456789012345678901234567890, 1E-400]}
def main(*args):
    return [repr(a) for a in args]
# --- then
# expect: status exception, error TypeError, result null
# request: {"kwargs": {"__class__": 1, "x": 2}}
def main():
    return 1
# --- then
# expect: status ok, result "\ufffd"
# expect: status ok, not result null
# expect: refused invalid_json|invalid_request
# request: {"stdin": "\udcff\u0000\ud800"}
def main():
    return sys.stdin.read()
