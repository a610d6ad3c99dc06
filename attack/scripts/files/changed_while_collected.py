# tries: to change what is collected after it was counted: shorter, longer, gone, another kind, another directory
# request: {"collect": ["**"]}
# limits: wall_ms=10000
# within: 8000
# expect: status ok|output_limit|exception, not stdout contains "root:"
def main():
    os.mkdir("d")
    for n in range(50):
        with open(f"d/{n}", "wb") as file:
            file.write(b"x" * 100_000)
    if os.fork() == 0:
        end = time.monotonic() + 2
        while time.monotonic() < end:
            for n in range(50):
                try:
                    os.truncate(f"d/{n}", n % 3 * 150_000)
                    if n % 7 == 0:
                        os.rename(f"d/{n}", f"{n}")
                        os.mkfifo(f"d/{n}")
                    os.rename("d", "e")
                    os.symlink("/usr/lib", "d")
                    os.unlink("d")
                    os.rename("e", "d")
                except OSError:
                    pass
        os._exit(0)
    return "made"
