# tries: keys that become the same text: one reader takes the first, another the last
# expect: status not_json, message contains "two keys", result null
def main():
    return {1: "a", "1": "b", True: "a", "true": "d", None: "e", "null": "f"}
