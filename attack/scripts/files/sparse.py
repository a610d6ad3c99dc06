# tries: to have a sparse file of a terabyte collected
# expect: status output_limit, limit files, result null, files none
# request: {"collect": ["*"]}
# within: 8000
def main():
    with open("huge", "w") as file:
        file.truncate(1 << 40)
    return "made"
