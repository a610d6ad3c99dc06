# tries: to make a file grow forever while it is collected
# expect: status ok, files 1
# expect: status output_limit, limit files
# request: {"collect": ["*"]}
# within: 8000
def main():
    with open("grows", "wb") as file:
        file.write(b"x" * 100000)
    if os.fork() == 0:
        with open("grows", "ab") as file:
            while True:
                file.write(b"x" * 1000)
    return "made"
