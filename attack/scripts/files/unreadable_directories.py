# tries: directories and files whose modes keep the worker out, or let it in to read and not to list
# request: {"collect": ["**"]}
# expect: status ok|exception, not paths contains "secret"
def main():
    for mode in (0, 0o100, 0o400, 0o200):
        os.mkdir(f"d{mode:o}")
        open(f"d{mode:o}/secret", "w").close()
        os.chmod(f"d{mode:o}/secret", 0)
        os.chmod(f"d{mode:o}", mode)
    return "made"
