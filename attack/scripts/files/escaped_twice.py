# tries: names that equal what other names become when they are escaped
# request: {"collect": ["**"]}
# expect: status exception|output_limit
# expect: status ok, files 6, not paths folded, not paths lines "a:b"
def main():
    for n, name in enumerate(("a:b", "a%3Ab", "a%253Ab", "a%3ab", "%", "%25")):
        with open(name, "w") as file:
            file.write(str(n))
    return "made"
