# tries: lone surrogates in the source, which JSON can express and UTF-8 cannot
# expect: status ok, result "\ufffdx\ufffd"
# expect: refused syntax_error|invalid_json|invalid_request
# replace: @HIGH@ "\ud83d" 1
# replace: @LOW@ "\udca9" 1
def main():
    return "@HIGH@x@LOW@"
# --- then
# expect: status not_json
def main():
    return {"\udcff": "\ud800"}
# --- then
# expect: status exception, error ValueError, result null
def main():
    raise ValueError("\udcff\ud800" * 50_000)
