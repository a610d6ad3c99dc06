# tries: to return what its reader cannot read: lists within each other, deeper than the parsers of many clients go
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
