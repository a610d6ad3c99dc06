# tries: a result that is nested too deep for its reader: lists, deeper than many clients' parsers go
# expect: status not_json, result null
def main():
    value = []
    for _ in range(3900):
        value = [value]
    return value


# --- then
# expect: status not_json, result null
def main():
    value = []
    for _ in range(501):
        value = [value]
    return value
