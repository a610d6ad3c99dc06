# tries: to hold the next call by FIFOs in place of the files that hotcell writes for it
# session: what a call leaves in place of its own files
# request: {"stdin": "typed"}
# expect: status ok, result null
def main():
    for name in ("stdin", "meminfo", "memory.max"):
        os.unlink(f"/box/etc/{name}")
        os.mkfifo(f"/box/etc/{name}")


# --- then
# expect: status ok, result "typed again"
# request: {"stdin": "typed again"}
def main():
    return sys.stdin.read()
