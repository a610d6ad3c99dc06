# tries: names that display as others: characters that reverse text, that are invisible, that are tags
# request: {"collect": ["**"]}
# expect: status ok|exception|output_limit, not paths lines ".*[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff].*"
def main():
    for name in ("\u202egpj.exe", "a\u2066b\u2069", "c\u200bd", "e\ufefff", "g\u200fh", "i\u2060j"):
        open(name, "w").close()
    return "made"
